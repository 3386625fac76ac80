package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Collection;

/** A list that Python writes with round brackets. */
final class Tuple extends ArrayList<Object> {

    private static final long serialVersionUID = 1L;

    Tuple(Collection<?> items) {
        super(items);
    }
}
