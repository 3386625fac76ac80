package org.lowrank.text.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;

/** Jinja's tests: what stands behind {@code is}. The tested value is the first argument. */
final class Checks {

    private Checks() {}

    /** The test of a name; one that is not built is refused when it is asked. */
    static Function of(String name) {
        return switch (name) {
            case "defined" -> a -> !(a.need(0, "value") instanceof Undefined);
            case "undefined" -> a -> a.need(0, "value") instanceof Undefined;
            case "none" -> a -> a.need(0, "value") == null;
            case "boolean" -> a -> a.need(0, "value") instanceof Boolean;
            case "true" -> a -> Boolean.TRUE.equals(a.need(0, "value"));
            case "false" -> a -> Boolean.FALSE.equals(a.need(0, "value"));
            case "string" -> a -> a.need(0, "value") instanceof String;
            case "number" -> a -> Values.isNumber(a.need(0, "value"));
            case "integer" -> a -> a.need(0, "value") instanceof Long;
            case "float" -> a -> a.need(0, "value") instanceof Double;
            case "mapping" -> a -> a.need(0, "value") instanceof Map;
            case "callable" -> a -> a.need(0, "value") instanceof Function;
            case "sequence", "iterable" ->
                    a ->
                            a.need(0, "value") instanceof String
                                    || a.need(0, "value") instanceof List
                                    || a.need(0, "value") instanceof Map
                                    || a.need(0, "value") instanceof Undefined;
            case "equalto", "eq", "==" -> a -> Values.equal(a.need(0, "value"), a.need(1, "other"));
            case "ne", "!=" -> a -> !Values.equal(a.need(0, "value"), a.need(1, "other"));
            case "lt", "lessthan", "<" ->
                    a -> Values.order(a.need(0, "value"), a.need(1, "other")) < 0;
            case "gt", "greaterthan", ">" ->
                    a -> Values.order(a.need(0, "value"), a.need(1, "other")) > 0;
            case "le", "<=" -> a -> Values.order(a.need(0, "value"), a.need(1, "other")) <= 0;
            case "ge", ">=" -> a -> Values.order(a.need(0, "value"), a.need(1, "other")) >= 0;
            case "in" -> a -> Values.contains(a.need(1, "seq"), a.need(0, "value"));
            case "sameas" ->
                    a ->
                            a.need(0, "value") == a.need(1, "other")
                                    || a.need(0, "value") instanceof Boolean
                                            && a.need(0, "value").equals(a.need(1, "other"));
            case "odd" -> a -> Math.floorMod(Values.whole(a.need(0, "value")), 2L) == 1;
            case "even" -> a -> Math.floorMod(Values.whole(a.need(0, "value")), 2L) == 0;
            case "divisibleby" ->
                    a ->
                            Values.equal(
                                    Values.arithmetic('%', a.need(0, "value"), a.need(1, "num")),
                                    0L);
            case "lower" ->
                    a -> (Boolean) Methods.of(a.text(0, "value"), "islower").call(Arguments.none());
            case "upper" ->
                    a -> (Boolean) Methods.of(a.text(0, "value"), "isupper").call(Arguments.none());
            case "filter" -> a -> Filters.of(a.text(0, "value").toLowerCase(Locale.ROOT)) != null;
            default ->
                    a -> {
                        throw TemplateException.of("the test '" + name + "' is not built");
                    };
        };
    }
}
