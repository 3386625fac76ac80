package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's operations on the values of a template: null, Boolean, Long, Double, String, List, Map,
 * Undefined and functions. Anything else does not get in.
 */
final class Values {

    private static final Map<Class<?>, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(Boolean.class, "bool");
        KINDS.put(Long.class, "int");
        KINDS.put(Double.class, "float");
        KINDS.put(String.class, "str");
        KINDS.put(Map.class, "dict");
        KINDS.put(Tuple.class, "tuple");
        KINDS.put(List.class, "list");
        KINDS.put(Undefined.class, "undefined");
    }

    private Values() {}

    /**
     * A value that is not there: false, empty, written as nothing; whatever else is done with it is
     * refused.
     *
     * @param what the words of the refusal, for example {@code 'name' is undefined}
     */
    record Undefined(String what) {

        TemplateException refused() {
            return TemplateException.of(what);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Undefined;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** A list that Python writes with round brackets. */
    static final class Tuple extends ArrayList<Object> {

        private static final long serialVersionUID = 1L;

        Tuple(Object... items) {
            super(Arrays.asList(items));
        }
    }

    /** What the methods of a map give: a list under Python's name for it. */
    static final class View extends ArrayList<Object> {

        private static final long serialVersionUID = 1L;
        final String name;

        View(String name, Collection<?> items) {
            super(items);
            this.name = name;
        }
    }

    /** The only value that a template may change: {@code {% set ns.found = true %}}. */
    static final class Namespace extends LinkedHashMap<Object, Object> {

        private static final long serialVersionUID = 1L;
    }

    /** A Java value as one of these. */
    static Object of(Object value) {
        if (value instanceof Map<?, ?> map) {
            var copy = new LinkedHashMap<Object, Object>();
            map.forEach((key, item) -> copy.put(of(key), of(item)));
            return copy;
        }
        if (value instanceof Iterable<?> items) {
            var copy = new ArrayList<Object>();
            items.forEach(item -> copy.add(of(item)));
            return copy;
        }
        if (value instanceof Number number) {
            boolean real = value instanceof Double || value instanceof Float;
            return real ? (Object) number.doubleValue() : number.longValue();
        }
        if (value == null || value instanceof Boolean || value instanceof String) {
            return value;
        }
        throw new IllegalArgumentException("a template takes no " + value.getClass().getName());
    }

    /** The kind in Python's words. */
    static String kind(Object value) {
        if (value == null) {
            return "None";
        }
        return KINDS.entrySet().stream()
                .filter(kind -> kind.getKey().isInstance(value))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("function");
    }

    /** The kind of a value that has to be there. */
    static String known(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        return kind(value);
    }

    static boolean truth(Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        return value instanceof Arguments.Function || value != null && length(value) > 0;
    }

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    /** A whole number; true and false count as 1 and 0. */
    static long whole(Object value) {
        if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        }
        if (value instanceof Long number) {
            return number;
        }
        throw TemplateException.of("a whole number is expected, not " + kind(value));
    }

    static double real(Object value) {
        return value instanceof Double number ? number : whole(value);
    }

    /** What a loop goes over. */
    static List<Object> items(Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        }
        if (value instanceof Undefined) {
            return new ArrayList<>();
        }
        throw TemplateException.of("'" + kind(value) + "' is not iterable");
    }

    static long length(Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        }
        if (value instanceof Map<?, ?> map) {
            return map.size();
        }
        if (value instanceof List || value instanceof Undefined) {
            return value instanceof List<?> list ? list.size() : 0;
        }
        throw TemplateException.of("'" + kind(value) + "' has no length");
    }

    static boolean equal(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return real(a) == real(b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean equal = x.size() == y.size() && a instanceof Tuple == b instanceof Tuple;
            for (int i = 0; equal && i < x.size(); i++) {
                equal = equal(x.get(i), y.get(i));
            }
            return equal;
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.keySet().equals(y.keySet())
                    && x.keySet().stream().allMatch(key -> equal(x.get(key), y.get(key)));
        }
        return Objects.equals(a, b);
    }

    static int order(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return Double.compare(real(a), real(b));
        }
        if (a instanceof String x && b instanceof String y) {
            return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
                if (!equal(x.get(i), y.get(i))) {
                    return order(x.get(i), y.get(i));
                }
            }
            return Integer.compare(x.size(), y.size());
        }
        throw TemplateException.of(known(a) + " and " + known(b) + " have no order");
    }

    static boolean contains(Object holder, Object item) {
        if (!(holder instanceof String text)) {
            return items(holder).stream().anyMatch(other -> equal(other, item));
        }
        if (item instanceof String part) {
            return text.contains(part);
        }
        throw TemplateException.of("'in' a text takes a text, not " + known(item));
    }
}
