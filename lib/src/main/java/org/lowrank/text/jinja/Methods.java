package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;

/** The methods of texts, lists and maps that templates may call; those that change one may not. */
final class Methods {

    private static final List<String> CHANGES_LIST =
            List.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

    private static final List<String> CHANGES_MAP =
            List.of("clear", "pop", "popitem", "setdefault", "update");

    private Methods() {}

    /** The method of a value, or null if there is none of the name. */
    static Function of(Object value, String name) {
        if (value instanceof String text) {
            return TextMethods.of(text, name);
        }
        if (value instanceof Namespace) {
            return null;
        }
        if (value instanceof List && CHANGES_LIST.contains(name)
                || value instanceof Map && CHANGES_MAP.contains(name)) {
            return a -> {
                throw TemplateException.of(name + "() would change its value; a template may not");
            };
        }
        if (value instanceof Map<?, ?> map) {
            return map(map, name);
        }
        return value instanceof List<?> list ? list(list, name) : null;
    }

    private static Function map(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" ->
                    a ->
                            map.containsKey(a.need(0, "key"))
                                    ? map.get(a.need(0, "key"))
                                    : a.get(1, "default", null);
            case "items" ->
                    a -> {
                        var items = new ArrayList<Object>();
                        for (var entry : map.entrySet()) {
                            var pair = new ArrayList<Object>();
                            pair.add(entry.getKey());
                            pair.add(entry.getValue());
                            items.add(new Tuple(pair));
                        }
                        return new View("dict_items", items);
                    };
            case "keys" -> a -> new View("dict_keys", map.keySet());
            case "values" -> a -> new View("dict_values", map.values());
            case "copy" -> a -> new LinkedHashMap<Object, Object>(map);
            default -> null;
        };
    }

    private static Function list(List<?> list, String name) {
        return switch (name) {
            case "count" ->
                    a ->
                            list.stream()
                                    .filter(item -> Values.equal(item, a.need(0, "value")))
                                    .count();
            case "index" ->
                    a -> {
                        for (int i = 0; i < list.size(); i++) {
                            if (Values.equal(list.get(i), a.need(0, "value"))) {
                                return (long) i;
                            }
                        }
                        throw TemplateException.of(
                                PythonText.repr(a.need(0, "value")) + " is not in the list");
                    };
            case "copy" -> a -> new ArrayList<Object>(list);
            default -> null;
        };
    }
}
