package org.lowrank.text.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lowrank.text.jinja.Values.Undefined;

/** Jinja's filters: what stands behind {@code |}. */
final class Filters {

    static final Set<String> NAMES =
            Set.of(
                    ("upper lower capitalize replace trim title string safe escape e length count"
                                    + " wordcount indent join default d first last list reverse sort"
                                    + " unique min max sum items dictsort groupby map select reject"
                                    + " selectattr rejectattr attr batch int float abs round tojson")
                            .split(" "));

    private static final Pattern WORD = Pattern.compile("[^-\\s({\\[<]+");
    private static final Pattern NUMBER = Pattern.compile("\\s*[-+]?[0-9]+(?:_[0-9]+)*\\s*");
    private static final Map<String, String> HTML =
            Map.of("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", "\"", "&#34;");

    private Filters() {}

    /** Refuses the name of a filter that is not built. */
    static void require(String name) {
        if (!NAMES.contains(name)) {
            throw TemplateException.of("the filter '" + name + "' is not built");
        }
    }

    static Object call(String name, Object value, Arguments a) {
        require(name);
        return switch (name) {
            case "upper", "lower", "capitalize", "replace" ->
                    TextMethods.call(name, PythonText.str(value), a);
            case "trim" -> TextMethods.call("strip", PythonText.str(value), a);
            case "title" ->
                    WORD.matcher(PythonText.str(value))
                            .replaceAll(word -> quoted(PythonText.capitalize(word.group())));
            case "string" -> PythonText.str(value);
            case "safe" -> value;
            case "escape", "e" ->
                    Pattern.compile("[&<>'\"]")
                            .matcher(PythonText.str(value))
                            .replaceAll(found -> HTML.get(found.group()));
            case "length", "count" -> Values.length(value);
            case "wordcount" -> (long) TextMethods.split(PythonText.str(value), null, -1).size();
            case "indent" -> indent(PythonText.str(value), a);
            case "default", "d" -> {
                boolean absent = a.truth(1, "boolean") && !Values.truth(value);
                yield absent || value instanceof Undefined ? a.get(0, "default_value", "") : value;
            }
            case "attr" -> Parts.attribute(value, a.text(0, "name"));
            case "int" -> whole(value, a);
            case "float" -> real(value, a);
            case "abs" ->
                    value instanceof Double x
                            ? (Object) Math.abs(x)
                            : Math.abs(Values.whole(value));
            case "round" -> round(Values.real(value), a);
            case "tojson" -> PythonJson.from(a).write(value);
            case "reverse" ->
                    value instanceof String text
                            ? TextMethods.reversed(text)
                            : ListFilters.call(name, value, a);
            default -> ListFilters.call(name, value, a);
        };
    }

    private static String quoted(String text) {
        return java.util.regex.Matcher.quoteReplacement(text);
    }

    private static String indent(String text, Arguments a) {
        var by =
                a.get(0, "width", 4L) instanceof String given
                        ? given
                        : " ".repeat(a.number(0, "width", 4));
        boolean blank = a.truth(2, "blank");
        var lines = text.split("\n", -1);
        return (a.truth(1, "first") ? by : "")
                + lines[0]
                + List.of(lines).subList(1, lines.length).stream()
                        .map(line -> "\n" + (blank || !line.isEmpty() ? by : "") + line)
                        .collect(Collectors.joining());
    }

    private static Object whole(Object value, Arguments a) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        if (Values.isNumber(value)) {
            return value instanceof Double number ? number.longValue() : Values.whole(value);
        }
        var text = value instanceof String s ? s.strip() : "";
        try {
            return NUMBER.matcher(text).matches()
                    ? Long.parseLong(text.replace("_", ""))
                    : (long) Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return a.get(0, "default", 0L);
        }
    }

    private static Object real(Object value, Arguments a) {
        if (value instanceof Undefined undefined) {
            throw undefined.refused();
        }
        try {
            return Values.isNumber(value)
                    ? Values.real(value)
                    : Double.parseDouble(PythonText.str(value).strip());
        } catch (NumberFormatException e) {
            return a.get(0, "default", 0.0);
        }
    }

    private static double round(double value, Arguments a) {
        var mode =
                switch (a.text(1, "method", "common")) {
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> RoundingMode.HALF_EVEN;
                };
        return new BigDecimal(value).setScale(a.number(0, "precision", 0), mode).doubleValue();
    }
}
