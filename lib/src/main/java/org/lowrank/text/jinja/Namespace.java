package org.lowrank.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** The only value that a template may change: {@code {% set ns.found = true %}}. */
final class Namespace extends LinkedHashMap<Object, Object> {

    private static final long serialVersionUID = 1L;

    Namespace(Map<?, ?> start) {
        super(start);
    }
}
