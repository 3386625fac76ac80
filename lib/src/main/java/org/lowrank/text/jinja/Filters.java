package org.lowrank.text.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
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
                            Methods.replace(
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
            case "join" -> Filters::join;
            case "default", "d" ->
                    a -> {
                        var value = a.need(0, "value");
                        boolean absent =
                                value instanceof Undefined
                                        || a.truth(2, "boolean", false) && !Values.truth(value);
                        return absent ? a.get(1, "default_value", "") : value;
                    };
            case "first" -> a -> end(Values.items(a.need(0, "seq")), true);
            case "last" -> a -> end(Values.items(a.need(0, "seq")), false);
            case "list" -> a -> Values.items(a.need(0, "seq"));
            case "reverse" ->
                    a ->
                            a.need(0, "value") instanceof String text
                                    ? new StringBuilder(text).reverse().toString()
                                    : reversed(Values.items(a.need(0, "value")));
            case "sort" -> Filters::sort;
            case "unique" -> Filters::unique;
            case "min" -> a -> Collections.min(items(a), byKey(a));
            case "max" -> a -> Collections.max(items(a), byKey(a));
            case "sum" -> Filters::sum;
            case "items" ->
                    a ->
                            a.need(0, "value") instanceof Undefined
                                    ? List.of()
                                    : Methods.of(a.need(0, "value"), "items")
                                            .call(Arguments.none());
            case "dictsort" -> Filters::dictSort;
            case "groupby" -> Filters::groupBy;
            case "map" -> Filters::map;
            case "select" -> a -> chosen(a, false, true);
            case "reject" -> a -> chosen(a, false, false);
            case "selectattr" -> a -> chosen(a, true, true);
            case "rejectattr" -> a -> chosen(a, true, false);
            case "attr" -> a -> Values.attribute(a.need(0, "obj"), a.text(1, "name"));
            case "batch" -> Filters::batch;
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

    private static List<Object> items(Arguments a) {
        var items = Values.items(a.need(0, "seq"));
        if (items.isEmpty()) {
            throw TemplateException.of("the list is empty");
        }
        return items;
    }

    private static Object end(List<Object> items, boolean first) {
        if (items.isEmpty()) {
            return new Undefined(
                    "the list is empty, it has no " + (first ? "first" : "last") + " item");
        }
        return items.get(first ? 0 : items.size() - 1);
    }

    private static List<Object> reversed(List<Object> items) {
        Collections.reverse(items);
        return items;
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

    private static Object join(Arguments a) {
        var by = a.get(2, "attribute", null);
        var parts =
                Values.items(a.need(0, "value")).stream()
                        .map(item -> PythonText.str(by == null ? item : path(item, by)))
                        .toList();
        return String.join(a.text(1, "d", ""), parts);
    }

    /** An attribute of an attribute, as {@code function.name}. */
    private static Object path(Object value, Object path) {
        if (!(path instanceof String names)) {
            return Values.item(value, path);
        }
        var at = value;
        for (var name : names.split("\\.")) {
            at =
                    name.matches("[0-9]+")
                            ? Values.item(at, Long.valueOf(name))
                            : Values.item(at, name);
        }
        return at;
    }

    private static Object sort(Arguments a) {
        var by = a.get(3, "attribute", null);
        boolean cases = a.truth(2, "case_sensitive", false);
        var items = Values.items(a.need(0, "value"));
        Comparator<Object> order =
                Comparator.comparing(
                        item -> key(by == null ? item : path(item, by), cases), Values::order);
        items.sort(a.truth(1, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static Comparator<Object> byKey(Arguments a) {
        var by = a.get(2, "attribute", null);
        boolean cases = a.truth(1, "case_sensitive", false);
        return Comparator.comparing(
                item -> key(by == null ? item : path(item, by), cases), Values::order);
    }

    private static Object key(Object value, boolean cases) {
        return !cases && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static Object unique(Arguments a) {
        var by = a.get(2, "attribute", null);
        var seen = new LinkedHashSet<Object>();
        var items = new ArrayList<Object>();
        for (var item : Values.items(a.need(0, "value"))) {
            if (seen.add(
                    key(by == null ? item : path(item, by), a.truth(1, "case_sensitive", false)))) {
                items.add(item);
            }
        }
        return items;
    }

    private static Object sum(Arguments a) {
        var by = a.get(1, "attribute", null);
        var sum = a.get(2, "start", 0L);
        for (var item : Values.items(a.need(0, "iterable"))) {
            sum = Values.add(sum, by == null ? item : path(item, by));
        }
        return sum;
    }

    private static Object dictSort(Arguments a) {
        var items =
                Values.items(
                        Filters.of("items")
                                .call(new Arguments(List.of(a.need(0, "value")), Map.of())));
        int by = a.text(2, "by", "key").equals("key") ? 0 : 1;
        var order =
                Comparator.comparing(
                        (Object item) ->
                                key(((List<?>) item).get(by), a.truth(1, "case_sensitive", false)),
                        Values::order);
        items.sort(a.truth(3, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static Object groupBy(Arguments a) {
        var groups = new LinkedHashMap<Object, List<Object>>();
        var by = a.need(1, "attribute");
        var sorted = Values.items(a.need(0, "value"));
        sorted.sort(Comparator.comparing(item -> key(path(item, by), false), Values::order));
        for (var item : sorted) {
            groups.computeIfAbsent(path(item, by), k -> new ArrayList<>()).add(item);
        }
        var list = new ArrayList<Object>();
        groups.forEach((key, items) -> list.add(new Tuple(Arrays.asList(key, items))));
        return list;
    }

    private static Object map(Arguments a) {
        var items = Values.items(a.need(0, "value"));
        if (a.named().containsKey("attribute")) {
            var by = a.named().get("attribute");
            var unset = a.named().get("default");
            items.replaceAll(
                    item ->
                            path(item, by) instanceof Undefined none
                                    ? a.named().containsKey("default") ? unset : none
                                    : path(item, by));
            return items;
        }
        var filter = known(a.text(1, "name"));
        items.replaceAll(item -> filter.call(with(item, a.from(2))));
        return items;
    }

    private static Function known(String name) {
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

    private static Object chosen(Arguments a, boolean attribute, boolean keep) {
        int at = attribute ? 2 : 1;
        var name = a.positional().size() > at ? a.text(at, "name") : null;
        var check = name == null ? null : Checks.of(name);
        Predicate<Object> holds =
                item -> {
                    var value = attribute ? path(item, a.need(1, "attribute")) : item;
                    return check == null
                            ? Values.truth(value)
                            : Values.truth(check.call(with(value, a.from(at + 1))));
                };
        var items = Values.items(a.need(0, "value"));
        items.removeIf(keep ? holds.negate() : holds);
        return items;
    }

    private static Object batch(Arguments a) {
        var rows = new ArrayList<Object>();
        var items = Values.items(a.need(0, "value"));
        int size = a.number(1, "linecount", 1);
        for (int from = 0; size > 0 && from < items.size(); from += size) {
            var row =
                    new ArrayList<Object>(items.subList(from, Math.min(items.size(), from + size)));
            while (row.size() < size && a.get(2, "fill_with", null) != null) {
                row.add(a.get(2, "fill_with", null));
            }
            rows.add(row);
        }
        return rows;
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
