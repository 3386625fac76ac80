package org.lowrank.text.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.text.jinja.Values.Undefined;

/** Jinja's tests: what stands behind {@code is}. */
final class Checks {

    private Checks() {}

    static boolean hold(String name, Object value, Arguments a) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "string" -> value instanceof String;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "mapping" -> value instanceof Map;
            case "callable" -> value instanceof Arguments.Function;
            case "sequence", "iterable" ->
                    value instanceof String
                            || value instanceof List
                            || value instanceof Map
                            || value instanceof Undefined;
            case "equalto", "eq", "==" -> Values.equal(value, a.need(0, "other"));
            case "ne", "!=" -> !Values.equal(value, a.need(0, "other"));
            case "lt", "lessthan", "<" -> Values.order(value, a.need(0, "other")) < 0;
            case "gt", "greaterthan", ">" -> Values.order(value, a.need(0, "other")) > 0;
            case "le", "<=" -> Values.order(value, a.need(0, "other")) <= 0;
            case "ge", ">=" -> Values.order(value, a.need(0, "other")) >= 0;
            case "in" -> Values.contains(a.need(0, "seq"), value);
            case "sameas" ->
                    value == a.need(0, "other")
                            || value instanceof Boolean && value.equals(a.need(0, "other"));
            case "odd" -> Math.floorMod(Values.whole(value), 2L) == 1;
            case "even" -> Math.floorMod(Values.whole(value), 2L) == 0;
            case "divisibleby" -> Values.equal(Operators.of("%", value, a.need(0, "num")), 0L);
            case "lower", "upper" ->
                    Values.truth(TextMethods.call("is" + name, PythonText.str(value), a));
            case "filter" -> Filters.NAMES.contains(PythonText.str(value).toLowerCase(Locale.ROOT));
            default -> throw TemplateException.of("the test '" + name + "' is not built");
        };
    }
}
