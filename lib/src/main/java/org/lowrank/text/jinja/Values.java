package org.lowrank.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
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
        if (value instanceof Double || value instanceof Float) {
            return ((Number) value).doubleValue();
        }
        if (value instanceof Number number) {
            return number.longValue();
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
        for (var kind : KINDS.entrySet()) {
            if (kind.getKey().isInstance(value)) {
                return kind.getValue();
            }
        }
        return "function";
    }

    static boolean truth(Object value) {
        if (value == null || value instanceof Undefined) {
            return false;
        }
        if (value instanceof Boolean truth) {
            return truth;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        return !(value instanceof Map<?, ?> map) || !map.isEmpty();
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
        if (value instanceof List || value instanceof Map || value instanceof Undefined) {
            return items(value).size();
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
            return x.size() == y.size()
                    && x.entrySet().stream()
                            .allMatch(
                                    e ->
                                            y.containsKey(e.getKey())
                                                    && equal(e.getValue(), y.get(e.getKey())));
        }
        return Objects.equals(a, b);
    }

    static int order(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return Double.compare(real(a), real(b));
        }
        if (a instanceof String x && b instanceof String y) {
            var left = x.codePoints().toArray();
            var right = y.codePoints().toArray();
            return Arrays.compare(left, right);
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
        if (holder instanceof String text) {
            if (item instanceof String part) {
                return text.contains(part);
            }
            throw TemplateException.of("'in' a text takes a text, not " + known(item));
        }
        return items(holder).stream().anyMatch(other -> equal(other, item));
    }

    static Object add(Object a, Object b) {
        if (a instanceof String x && b instanceof String y) {
            return x + y;
        }
        if (a instanceof List<?> x && b instanceof List<?> y && kind(a).equals(kind(b))) {
            var both = new ArrayList<Object>(x);
            both.addAll(y);
            Run.requireShort(both.size());
            return a instanceof Tuple ? new Tuple(both) : both;
        }
        return arithmetic('+', a, b);
    }

    static Object multiply(Object a, Object b) {
        if (a instanceof String || a instanceof List) {
            return repeated(a, whole(b));
        }
        return b instanceof String || b instanceof List
                ? repeated(b, whole(a))
                : arithmetic('*', a, b);
    }

    private static Object repeated(Object value, long times) {
        long count = Math.max(0, times);
        Run.requireShort(
                Math.multiplyHigh(length(value), count) != 0
                        ? Long.MAX_VALUE
                        : length(value) * count);
        if (value instanceof String text) {
            return text.repeat((int) count);
        }
        var all = new ArrayList<Object>();
        for (long i = 0; i < count && !((List<?>) value).isEmpty(); i++) {
            all.addAll((List<?>) value);
        }
        return value instanceof Tuple ? new Tuple(all) : all;
    }

    /** Of numbers; {@code d} is {@code //} and {@code p} is {@code **}. */
    static Object arithmetic(char operator, Object a, Object b) {
        if (!isNumber(a) || !isNumber(b)) {
            throw TemplateException.of("no " + operator + " of " + known(a) + " and " + known(b));
        }
        boolean reals = a instanceof Double || b instanceof Double;
        if ("/d%".indexOf(operator) >= 0 && real(b) == 0) {
            throw TemplateException.of("division by zero");
        }
        try {
            return switch (operator) {
                case '+' ->
                        reals ? (Object) (real(a) + real(b)) : Math.addExact(whole(a), whole(b));
                case '-' ->
                        reals
                                ? (Object) (real(a) - real(b))
                                : Math.subtractExact(whole(a), whole(b));
                case '*' ->
                        reals
                                ? (Object) (real(a) * real(b))
                                : Math.multiplyExact(whole(a), whole(b));
                case '/' -> real(a) / real(b);
                case 'd' ->
                        reals
                                ? (Object) Math.floor(real(a) / real(b))
                                : Math.floorDiv(whole(a), whole(b));
                case '%' ->
                        reals
                                ? (Object) (real(a) - real(b) * Math.floor(real(a) / real(b)))
                                : Math.floorMod(whole(a), whole(b));
                default -> power(a, b, reals);
            };
        } catch (ArithmeticException e) {
            throw TemplateException.of("a whole number of more than 64 bits");
        }
    }

    private static Object power(Object a, Object b, boolean reals) {
        if (reals || whole(b) < 0) {
            return Math.pow(real(a), real(b));
        }
        if (whole(b) > 64 && Math.abs(whole(a)) > 1) {
            throw new ArithmeticException();
        }
        return BigInteger.valueOf(whole(a))
                .pow((int) Math.min(whole(b), 64 + whole(b) % 2))
                .longValueExact();
    }

    static Object negated(Object value) {
        return value instanceof Double number ? (Object) (-number) : arithmetic('-', 0L, value);
    }

    static String known(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        return kind(value);
    }
}
