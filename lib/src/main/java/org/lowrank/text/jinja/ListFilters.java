package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.Undefined;

/** Filters of lists and maps: order, choice, groups. */
final class ListFilters {

    private ListFilters() {}

    static Object call(String name, Object value, Arguments a) {
        if (name.equals("items") || name.equals("dictsort")) {
            return ofMap(name, value, a);
        }
        var items = Values.items(value);
        switch (name) {
            case "join" -> {
                var by = a.get(1, "attribute", null);
                items.replaceAll(item -> path(item, by));
                return TextMethods.joined(a.text(0, "d", ""), items);
            }
            case "first", "last" -> {
                int at = name.equals("first") ? 0 : items.size() - 1;
                return items.isEmpty()
                        ? new Undefined("the list is empty, it has no " + name + " item")
                        : items.get(at);
            }
            case "min", "max" -> {
                if (items.isEmpty()) {
                    throw TemplateException.of("the list is empty");
                }
                var order = by(a.get(1, "attribute", null), a.truth(0, "case_sensitive"));
                return name.equals("min")
                        ? Collections.min(items, order)
                        : Collections.max(items, order);
            }
            case "sum" -> {
                var sum = a.get(1, "start", 0L);
                for (var item : items) {
                    sum = Operators.of("+", sum, path(item, a.get(0, "attribute", null)));
                }
                return sum;
            }
            case "reverse" -> Collections.reverse(items);
            case "sort" -> {
                var order = by(a.get(2, "attribute", null), a.truth(1, "case_sensitive"));
                return sorted(items, order, a.truth(0, "reverse"));
            }
            case "unique" -> {
                var seen = new HashSet<Object>();
                var by = a.get(1, "attribute", null);
                items.removeIf(i -> !seen.add(key(path(i, by), a.truth(0, "case_sensitive"))));
            }
            case "map" -> map(items, a);
            case "select", "reject" -> keep(items, name, a, 0);
            case "selectattr", "rejectattr" -> keep(items, name, a, 1);
            case "groupby" -> {
                return groups(items, a.need(0, "attribute"));
            }
            case "batch" -> {
                return batches(items, a);
            }
            default -> {} // list
        }
        return items;
    }

    private static Object ofMap(String name, Object value, Arguments a) {
        if (!(value instanceof Map || value instanceof Undefined)) {
            throw TemplateException.of(name + " of " + Values.kind(value) + ", which is no map");
        }
        List<Object> items = value instanceof Map<?, ?> map ? Methods.items(map) : List.of();
        if (name.equals("items")) {
            return items;
        }
        long by = a.text(1, "by", "key").equals("key") ? 0 : 1;
        return sorted(items, by(by, a.truth(0, "case_sensitive")), a.truth(2, "reverse"));
    }

    private static List<Object> sorted(
            List<Object> items, Comparator<Object> order, boolean reverse) {
        var sorted = new ArrayList<Object>(items);
        sorted.sort(reverse ? order.reversed() : order);
        return sorted;
    }

    /** An attribute of an attribute, as {@code function.name}; the value itself without a path. */
    private static Object path(Object value, Object path) {
        if (!(path instanceof String names)) {
            return path == null ? value : Parts.item(value, path);
        }
        var at = value;
        for (var name : names.split("\\.")) {
            at = Parts.item(at, name.matches("[0-9]+") ? (Object) Long.valueOf(name) : name);
        }
        return at;
    }

    private static Object key(Object value, boolean cases) {
        return !cases && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static Comparator<Object> by(Object attribute, boolean cases) {
        return Comparator.comparing(item -> key(path(item, attribute), cases), Values::order);
    }

    private static List<Object> groups(List<Object> items, Object by) {
        var groups = new LinkedHashMap<Object, List<Object>>();
        items.sort(by(by, false));
        items.forEach(i -> groups.computeIfAbsent(path(i, by), k -> new ArrayList<>()).add(i));
        var list = new ArrayList<Object>();
        groups.forEach((key, group) -> list.add(new Tuple(key, group)));
        return list;
    }

    private static void map(List<Object> items, Arguments a) {
        if (!a.named().containsKey("attribute")) {
            var filter = a.text(0, "name");
            Filters.require(filter);
            items.replaceAll(item -> Filters.call(filter, item, a.from(1)));
            return;
        }
        var by = a.named().get("attribute");
        items.replaceAll(
                item -> {
                    var value = path(item, by);
                    return value instanceof Undefined
                            ? a.named().getOrDefault("default", value)
                            : value;
                });
    }

    /**
     * Keeps what a test chooses.
     *
     * @param place of the test's name; before it stands the attribute that is tested, if any
     */
    private static void keep(List<Object> items, String name, Arguments a, int place) {
        var check = a.positional().size() > place ? a.text(place, "name") : null;
        Predicate<Object> chosen =
                item -> {
                    var value = place == 0 ? item : path(item, a.need(0, "attribute"));
                    return check == null
                            ? Values.truth(value)
                            : Checks.hold(check, value, a.from(place + 1));
                };
        items.removeIf(name.startsWith("select") ? chosen.negate() : chosen);
    }

    private static List<Object> batches(List<Object> items, Arguments a) {
        int size = a.number(0, "linecount", 1);
        var fill = a.get(1, "fill_with", null);
        var rows = new ArrayList<Object>();
        for (int from = 0; size > 0 && from < items.size(); from += size) {
            var row = Values.items(items.subList(from, Math.min(items.size(), from + size)));
            while (row.size() < size && fill != null) {
                row.add(fill);
            }
            rows.add(row);
        }
        return rows;
    }
}
