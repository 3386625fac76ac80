package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Collection;

/** What the methods of a map give: a list under Python's name for it. */
final class View extends ArrayList<Object> {

    private static final long serialVersionUID = 1L;

    private final String name;

    View(String name, Collection<?> items) {
        super(items);
        this.name = name;
    }

    String name() {
        return name;
    }
}
