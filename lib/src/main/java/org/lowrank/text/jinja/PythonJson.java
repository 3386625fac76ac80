package org.lowrank.text.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lowrank.text.jinja.Values.Undefined;

/**
 * As {@code json.dumps}.
 *
 * @param indent blanks a level, or null for one line
 * @param ascii whether other characters are written by their numbers
 * @param between what stands between two items
 * @param colon what stands between a key and its value
 * @param sorted whether keys are sorted; else they stay in their order
 */
record PythonJson(String indent, boolean ascii, String between, String colon, boolean sorted) {

    private static final Pattern ESCAPED = Pattern.compile("[\"\\\\\u0000-\u001F]");
    private static final Pattern NOT_ASCII = Pattern.compile("[\"\\\\]|[^ -~]");
    private static final String SHORT = "\"\\\n\r\t\b\f";
    private static final String LETTERS = "\"\\nrtbf";

    /** From the arguments of the filter {@code tojson}. */
    static PythonJson from(Arguments a) {
        var indent = a.get(1, "indent", null);
        var by =
                indent == null || indent instanceof String
                        ? (String) indent
                        : " ".repeat(Math.max(0, a.number(1, "indent", 0)));
        boolean given = a.get(2, "separators", null) instanceof List;
        var separators = given ? Values.items(a.need(2, "separators")) : List.of();
        return new PythonJson(
                by,
                a.truth(0, "ensure_ascii"),
                given ? PythonText.str(separators.get(0)) : by == null ? ", " : ",",
                given ? PythonText.str(separators.get(1)) : ": ",
                a.truth(3, "sort_keys"));
    }

    String write(Object value) {
        return written(value, 0);
    }

    private String written(Object value, int depth) {
        if (value instanceof String text) {
            return quoted(text);
        } else if (value instanceof Double number) {
            var text = PythonText.number(number);
            return text.equals("nan") ? "NaN" : text.replace("inf", "Infinity");
        } else if (value instanceof Map<?, ?> map) {
            var order = new TreeMap<Object, Object>(Values::order);
            if (sorted) {
                order.putAll(map);
            }
            var entries = (sorted ? order : map).entrySet().stream();
            return group(
                    '{',
                    entries.map(e -> key(e.getKey()) + colon + written(e.getValue(), depth + 1)),
                    '}',
                    depth);
        } else if (value instanceof List<?> list) {
            return group('[', list.stream().map(item -> written(item, depth + 1)), ']', depth);
        } else if (value == null || value instanceof Boolean || value instanceof Number) {
            return String.valueOf(value);
        }
        throw TemplateException.of(
                "tojson of "
                        + (value instanceof Undefined none
                                ? none.what() + ", which is undefined"
                                : Values.kind(value)));
    }

    private String group(char open, Stream<String> parts, char close, int depth) {
        var line = indent == null ? "" : "\n" + indent.repeat(depth);
        var inner = indent == null ? "" : line + indent;
        var text = parts.map(part -> inner + part).collect(Collectors.joining(between));
        return open + text + (text.isEmpty() ? "" : line) + close;
    }

    private String key(Object key) {
        boolean word = key == null || key instanceof Boolean;
        return quoted(word ? String.valueOf(key) : PythonText.str(key));
    }

    private String quoted(String text) {
        var pattern = ascii ? NOT_ASCII : ESCAPED;
        return '"' + pattern.matcher(text).replaceAll(found -> escaped(found.group())) + '"';
    }

    private static String escaped(String character) {
        int known = SHORT.indexOf(character);
        return Matcher.quoteReplacement(
                known >= 0
                        ? "\\" + LETTERS.charAt(known)
                        : character
                                .chars()
                                .mapToObj(c -> "\\u%04x".formatted(c))
                                .collect(Collectors.joining()));
    }
}
