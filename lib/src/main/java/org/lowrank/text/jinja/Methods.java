package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.text.jinja.Arguments.Function;
import org.lowrank.text.jinja.Values.Namespace;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.View;

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
            return TextMethods.NAMES.contains(name) ? a -> TextMethods.call(name, text, a) : null;
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
                    a -> {
                        var key = a.need(0, "key");
                        return map.containsKey(key) ? map.get(key) : a.get(1, "default", null);
                    };
            case "items" -> a -> items(map);
            case "keys" -> a -> new View("dict_keys", map.keySet());
            case "values" -> a -> new View("dict_values", map.values());
            case "copy" -> a -> new LinkedHashMap<Object, Object>(map);
            default -> null;
        };
    }

    static View items(Map<?, ?> map) {
        var pairs = map.entrySet().stream().map(e -> new Tuple(e.getKey(), e.getValue()));
        return new View("dict_items", pairs.toList());
    }

    private static Function list(List<?> list, String name) {
        return switch (name) {
            case "count" ->
                    a -> list.stream().filter(i -> Values.equal(i, a.need(0, "value"))).count();
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
