package org.lowrank.text.jinja;

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

/** Filters of lists and maps: order, choice, groups. */
final class ListFilters {

    private ListFilters() {}

    static List<Object> items(Arguments a) {
        var items = Values.items(a.need(0, "seq"));
        if (items.isEmpty()) {
            throw TemplateException.of("the list is empty");
        }
        return items;
    }

    static Object end(List<Object> items, boolean first) {
        if (items.isEmpty()) {
            return new Undefined(
                    "the list is empty, it has no " + (first ? "first" : "last") + " item");
        }
        return items.get(first ? 0 : items.size() - 1);
    }

    static List<Object> reversed(List<Object> items) {
        Collections.reverse(items);
        return items;
    }

    static Object join(Arguments a) {
        var by = a.get(2, "attribute", null);
        var parts =
                Values.items(a.need(0, "value")).stream()
                        .map(item -> PythonText.str(by == null ? item : path(item, by)))
                        .toList();
        return String.join(a.text(1, "d", ""), parts);
    }

    /** An attribute of an attribute, as {@code function.name}. */
    static Object path(Object value, Object path) {
        if (!(path instanceof String names)) {
            return Parts.item(value, path);
        }
        var at = value;
        for (var name : names.split("\\.")) {
            at = name.matches("[0-9]+") ? Parts.item(at, Long.valueOf(name)) : Parts.item(at, name);
        }
        return at;
    }

    static Object sort(Arguments a) {
        var by = a.get(3, "attribute", null);
        boolean cases = a.truth(2, "case_sensitive", false);
        var items = Values.items(a.need(0, "value"));
        Comparator<Object> order =
                Comparator.comparing(
                        item -> key(by == null ? item : path(item, by), cases), Values::order);
        items.sort(a.truth(1, "reverse", false) ? order.reversed() : order);
        return items;
    }

    static Comparator<Object> byKey(Arguments a) {
        var by = a.get(2, "attribute", null);
        boolean cases = a.truth(1, "case_sensitive", false);
        return Comparator.comparing(
                item -> key(by == null ? item : path(item, by), cases), Values::order);
    }

    static Object key(Object value, boolean cases) {
        return !cases && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    static Object unique(Arguments a) {
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

    static Object sum(Arguments a) {
        var by = a.get(1, "attribute", null);
        var sum = a.get(2, "start", 0L);
        for (var item : Values.items(a.need(0, "iterable"))) {
            sum = Values.add(sum, by == null ? item : path(item, by));
        }
        return sum;
    }

    static Object dictSort(Arguments a) {
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

    static Object groupBy(Arguments a) {
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

    static Object map(Arguments a) {
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
        var filter = Filters.known(a.text(1, "name"));
        items.replaceAll(item -> filter.call(Filters.with(item, a.from(2))));
        return items;
    }

    static Object chosen(Arguments a, boolean attribute, boolean keep) {
        int at = attribute ? 2 : 1;
        var name = a.positional().size() > at ? a.text(at, "name") : null;
        var check = name == null ? null : Checks.of(name);
        Predicate<Object> holds =
                item -> {
                    var value = attribute ? path(item, a.need(1, "attribute")) : item;
                    return check == null
                            ? Values.truth(value)
                            : Values.truth(check.call(Filters.with(value, a.from(at + 1))));
                };
        var items = Values.items(a.need(0, "value"));
        items.removeIf(keep ? holds.negate() : holds);
        return items;
    }

    static Object batch(Arguments a) {
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
}
