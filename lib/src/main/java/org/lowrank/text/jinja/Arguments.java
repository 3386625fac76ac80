package org.lowrank.text.jinja;

import java.util.List;
import java.util.Map;

/** What a function, filter, test or macro is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {

    /** Something that is called. */
    @FunctionalInterface
    interface Function {
        Object call(Arguments arguments);
    }

    static Arguments none() {
        return new Arguments(List.of(), Map.of());
    }

    /** The argument of a place or a name, or what it is when it is not given. */
    Object get(int place, String name, Object unset) {
        if (place < positional.size()) {
            return positional.get(place);
        }
        return named.containsKey(name) ? named.get(name) : unset;
    }

    Object need(int place, String name) {
        if (place >= positional.size() && !named.containsKey(name)) {
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

    boolean truth(int place, String name, boolean unset) {
        return Values.truth(get(place, name, unset));
    }

    /** Without the first ones. */
    Arguments from(int place) {
        return new Arguments(
                positional.subList(Math.min(place, positional.size()), positional.size()), named);
    }
}
