package org.lowrank.text.jinja;

import java.util.List;
import java.util.Map;

/** What a function, filter, test or macro is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** Something that is called. */
    @FunctionalInterface
    interface Function {
        Object call(Arguments arguments);
    }

    boolean has(int place, String name) {
        return place < positional.size() || named.containsKey(name);
    }

    /** The argument of a place or a name, or what it is when it is not given. */
    Object get(int place, String name, Object unset) {
        return place < positional.size() ? positional.get(place) : named.getOrDefault(name, unset);
    }

    Object need(int place, String name) {
        if (!has(place, name)) {
            throw TemplateException.of("the argument " + name + " is missing");
        }
        return get(place, name, null);
    }

    String text(int place, String name) {
        return PythonText.str(need(place, name));
    }

    String text(int place, String name, String unset) {
        var value = get(place, name, unset);
        return value == null ? null : PythonText.str(value);
    }

    int number(int place, String name, int unset) {
        return Math.toIntExact(Values.whole(get(place, name, (long) unset)));
    }

    boolean truth(int place, String name) {
        return Values.truth(get(place, name, false));
    }

    /** Without the first ones. */
    Arguments from(int place) {
        int from = Math.min(place, positional.size());
        return new Arguments(positional.subList(from, positional.size()), named);
    }
}
