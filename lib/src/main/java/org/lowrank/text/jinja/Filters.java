package org.lowrank.text.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lowrank.text.jinja.Arguments.Function;

/** Jinja's filters: what stands behind {@code |}. The filtered value is the first argument. */
final class Filters {

    private static final Pattern WORD_BEGIN = Pattern.compile("([-\\s({\\[<]+)");
    private static final Pattern NUMBER = Pattern.compile("\\s*[-+]?[0-9]+(?:_[0-9]+)*\\s*");

    private Filters() {}

    /** The filter of a name, or null if it is not built. */
    static Function of(String name) {
        return switch (name) {
            case "upper", "lower", "capitalize" ->
                    a -> Methods.of(a.text(0, "s"), name).call(Arguments.none());
            case "title" -> a -> title(a.text(0, "s"));
            case "trim" ->
                    a -> PythonText.strip(a.text(0, "s"), a.text(1, "chars", null), true, true);
            case "string" -> a -> a.text(0, "s");
            case "safe" -> a -> a.need(0, "s");
            case "escape", "e" -> a -> escaped(a.text(0, "s"));
            case "replace" ->
                    a ->
                            TextMethods.replace(
                                    a.text(0, "s"),
                                    a.text(1, "old"),
                                    a.text(2, "new"),
                                    a.number(3, "count", -1));
            case "length", "count" -> a -> Values.length(a.need(0, "s"));
            case "wordcount" ->
                    a ->
                            ((List<?>) Methods.of(a.text(0, "s"), "split").call(Arguments.none()))
                                            .size()
                                    + 0L;
            case "indent" -> Filters::indent;
            case "join" -> ListFilters::join;
            case "default", "d" ->
                    a -> {
                        var value = a.need(0, "value");
                        boolean absent =
                                value instanceof Undefined
                                        || a.truth(2, "boolean", false) && !Values.truth(value);
                        return absent ? a.get(1, "default_value", "") : value;
                    };
            case "first" -> a -> ListFilters.end(Values.items(a.need(0, "seq")), true);
            case "last" -> a -> ListFilters.end(Values.items(a.need(0, "seq")), false);
            case "list" -> a -> Values.items(a.need(0, "seq"));
            case "reverse" ->
                    a ->
                            a.need(0, "value") instanceof String text
                                    ? new StringBuilder(text).reverse().toString()
                                    : ListFilters.reversed(Values.items(a.need(0, "value")));
            case "sort" -> ListFilters::sort;
            case "unique" -> ListFilters::unique;
            case "min" -> a -> Collections.min(ListFilters.items(a), ListFilters.byKey(a));
            case "max" -> a -> Collections.max(ListFilters.items(a), ListFilters.byKey(a));
            case "sum" -> ListFilters::sum;
            case "items" ->
                    a ->
                            a.need(0, "value") instanceof Undefined
                                    ? List.of()
                                    : Methods.of(a.need(0, "value"), "items")
                                            .call(Arguments.none());
            case "dictsort" -> ListFilters::dictSort;
            case "groupby" -> ListFilters::groupBy;
            case "map" -> ListFilters::map;
            case "select" -> a -> ListFilters.chosen(a, false, true);
            case "reject" -> a -> ListFilters.chosen(a, false, false);
            case "selectattr" -> a -> ListFilters.chosen(a, true, true);
            case "rejectattr" -> a -> ListFilters.chosen(a, true, false);
            case "attr" -> a -> Parts.attribute(a.need(0, "obj"), a.text(1, "name"));
            case "batch" -> ListFilters::batch;
            case "int" -> Filters::whole;
            case "float" -> Filters::real;
            case "abs" ->
                    a ->
                            a.need(0, "x") instanceof Double x
                                    ? (Object) Math.abs(x)
                                    : Math.abs(Values.whole(a.need(0, "x")));
            case "round" -> Filters::round;
            case "tojson" -> Filters::json;
            default -> null;
        };
    }

    private static String title(String text) {
        var out = new StringBuilder();
        var between = WORD_BEGIN.matcher(text);
        int from = 0;
        while (between.find()) {
            out.append(PythonText.capitalize(text.substring(from, between.start())))
                    .append(between.group());
            from = between.end();
        }
        return out.append(PythonText.capitalize(text.substring(from))).toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Object indent(Arguments a) {
        var by =
                a.get(1, "width", 4L) instanceof String text
                        ? text
                        : " ".repeat(a.number(1, "width", 4));
        boolean blank = a.truth(3, "blank", false);
        var lines = (a.text(0, "s") + "\n").split("\n", -1);
        var out = new StringBuilder(a.truth(2, "first", false) ? by : "").append(lines[0]);
        for (int i = 1; i < lines.length - 1; i++) {
            out.append('\n').append(blank || !lines[i].isEmpty() ? by : "").append(lines[i]);
        }
        return out.toString();
    }

    static Function known(String name) {
        var filter = of(name);
        if (filter == null) {
            throw TemplateException.of("the filter '" + name + "' is not built");
        }
        return filter;
    }

    static Arguments with(Object first, Arguments rest) {
        var all = new ArrayList<Object>();
        all.add(first);
        all.addAll(rest.positional());
        return new Arguments(all, rest.named());
    }

    private static Object whole(Arguments a) {
        var value = a.need(0, "value");
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        if (value instanceof Double number) {
            return (long) (double) number;
        }
        if (Values.isNumber(value)) {
            return Values.whole(value);
        }
        var text = value instanceof String s ? s : "";
        if (NUMBER.matcher(text).matches()) {
            return Long.parseLong(text.strip().replace("_", "").replaceFirst("^\\+", ""));
        }
        try {
            return (long) Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            return a.get(1, "default", 0L);
        }
    }

    private static Object real(Arguments a) {
        if (a.need(0, "value") instanceof Undefined undefined) {
            throw undefined.refused();
        }
        try {
            return Values.isNumber(a.need(0, "value"))
                    ? Values.real(a.need(0, "value"))
                    : Double.parseDouble(a.text(0, "value").strip());
        } catch (NumberFormatException e) {
            return a.get(1, "default", 0.0);
        }
    }

    private static Object round(Arguments a) {
        var mode =
                switch (a.text(2, "method", "common")) {
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> RoundingMode.HALF_EVEN;
                };
        return new BigDecimal(Values.real(a.need(0, "value")))
                .setScale(a.number(1, "precision", 0), mode)
                .doubleValue();
    }

    private static Object json(Arguments a) {
        var indent = a.get(2, "indent", null);
        var by =
                indent == null
                        ? null
                        : indent instanceof String text
                                ? text
                                : " ".repeat(Math.max(0, Math.toIntExact(Values.whole(indent))));
        var separators = a.get(3, "separators", null);
        var both =
                separators instanceof List<?> pair
                        ? new String[] {PythonText.str(pair.get(0)), PythonText.str(pair.get(1))}
                        : new String[] {by == null ? ", " : ",", ": "};
        var value = a.need(0, "x");
        if (a.truth(4, "sort_keys", false)) {
            value = sorted(value);
        }
        return PythonText.json(value, by, a.truth(1, "ensure_ascii", false), both);
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            var sorted = new LinkedHashMap<Object, Object>();
            map.entrySet().stream()
                    .sorted(Comparator.comparing(Map.Entry::getKey, Values::order))
                    .forEach(entry -> sorted.put(entry.getKey(), sorted(entry.getValue())));
            return sorted;
        }
        return value instanceof List<?> list ? list.stream().map(Filters::sorted).toList() : value;
    }
}
