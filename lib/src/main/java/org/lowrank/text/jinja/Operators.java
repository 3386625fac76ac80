package org.lowrank.text.jinja;

import java.math.BigInteger;
import java.util.List;
import org.lowrank.text.jinja.Values.Tuple;

/** Python's operators between two values. */
final class Operators {

    private Operators() {}

    /** What an operator makes of two values. */
    static Object of(String operator, Object a, Object b) {
        if (operator.equals("+") && a instanceof String x && b instanceof String y) {
            return x + y;
        }
        if (operator.equals("+")
                && a instanceof List<?> x
                && Values.kind(a).equals(Values.kind(b))) {
            var both = copy(a);
            Run.requireShort(x.size() + Values.length(b));
            both.addAll((List<?>) b);
            return both;
        }
        if (operator.equals("*") && (a instanceof String || a instanceof List)) {
            return repeated(a, Values.whole(b));
        }
        return operator.equals("*") && (b instanceof String || b instanceof List)
                ? repeated(b, Values.whole(a))
                : arithmetic(operator, a, b);
    }

    /** The same list, of the same kind: a tuple stays one. */
    private static List<Object> copy(Object list) {
        return list instanceof Tuple tuple ? new Tuple(tuple.toArray()) : Values.items(list);
    }

    private static Object repeated(Object value, long times) {
        long count = Values.length(value) == 0 ? 0 : Math.max(0, times);
        boolean countless = Math.multiplyHigh(Values.length(value), count) != 0;
        Run.requireShort(countless ? Long.MAX_VALUE : Values.length(value) * count);
        if (value instanceof String text) {
            return text.repeat((int) count);
        }
        var all = copy(value);
        all.clear();
        for (long i = 0; i < count; i++) {
            all.addAll((List<?>) value);
        }
        return all;
    }

    static Object negated(Object value) {
        return value instanceof Double number ? (Object) (-number) : of("-", 0L, value);
    }

    private static Object arithmetic(String operator, Object a, Object b) {
        if (!Values.isNumber(a) || !Values.isNumber(b)) {
            throw TemplateException.of(
                    "no " + operator + " of " + Values.known(a) + " and " + Values.known(b));
        }
        if ("//%".contains(operator) && Values.real(b) == 0) {
            throw TemplateException.of("division by zero");
        }
        boolean wholes = !(a instanceof Double || b instanceof Double || operator.equals("/"));
        if (!wholes || operator.equals("**") && Values.whole(b) < 0) {
            return ofReals(operator, Values.real(a), Values.real(b));
        }
        try {
            return ofWholes(operator, Values.whole(a), Values.whole(b));
        } catch (ArithmeticException e) {
            throw TemplateException.of("a whole number of more than 64 bits");
        }
    }

    private static double ofReals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            default -> Math.pow(a, b);
        };
    }

    private static long ofWholes(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            // of 0, 1 and -1 any power is small; of others one above 64 is too large already
            default -> BigInteger.valueOf(a).pow((int) Math.min(b, 66 + b % 2)).longValueExact();
        };
    }
}
