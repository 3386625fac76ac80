package org.lowrank.text.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as Python writes them: str, repr and json.dumps, and Python's idea of a blank. */
final class PythonText {

    private PythonText() {}

    /** As {@code str(value)}. */
    static String str(Object value) {
        return value instanceof Undefined ? "" : value instanceof String text ? text : repr(value);
    }

    /** As {@code repr(value)}. */
    static String repr(Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Undefined) {
            return "Undefined";
        }
        if (value instanceof Boolean truth) {
            return truth ? "True" : "False";
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        if (value instanceof Map<?, ?> map) {
            var parts = new ArrayList<String>();
            map.forEach((key, item) -> parts.add(repr(key) + ": " + repr(item)));
            return "{" + String.join(", ", parts) + "}";
        }
        if (value instanceof Tuple tuple) {
            var parts = tuple.stream().map(PythonText::repr).toList();
            return "(" + String.join(", ", parts) + (parts.size() == 1 ? ",)" : ")");
        }
        if (value instanceof View view) {
            return view.name() + "(" + repr(new ArrayList<>(view)) + ")";
        }
        if (value instanceof List<?> list) {
            return "[" + String.join(", ", list.stream().map(PythonText::repr).toList()) + "]";
        }
        if (value instanceof Arguments.Function) {
            throw TemplateException.of("a function is written out; its call lacks brackets");
        }
        return value.toString();
    }

    /** The shortest digits that give the number back, as both languages write them. */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        var decimal = new BigDecimal(Double.toString(value));
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (value != 0 && (exponent < -4 || exponent >= 16)) {
            var digits = decimal.stripTrailingZeros().unscaledValue().abs().toString();
            var sign = value < 0 ? "-" : "";
            var rest = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign
                    + digits.charAt(0)
                    + rest
                    + "e"
                    + String.format(Locale.ROOT, "%+03d", exponent);
        }
        var plain = decimal.stripTrailingZeros().toPlainString();
        var zero = value == 0 && 1 / value < 0 ? "-0" : plain;
        return zero.contains(".") ? zero : zero + ".0";
    }

    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        var out = new StringBuilder().append(quote);
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '\n' -> out.append("\\n");
                                case '\r' -> out.append("\\r");
                                case '\t' -> out.append("\\t");
                                case '\\' -> out.append("\\\\");
                                default -> {
                                    if (c == quote) {
                                        out.append('\\').append(quote);
                                    } else if (printable(c)) {
                                        out.appendCodePoint(c);
                                    } else {
                                        out.append(escaped(c));
                                    }
                                }
                            }
                        });
        return out.append(quote).toString();
    }

    private static boolean printable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }

    private static String escaped(int c) {
        var form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
        return String.format(Locale.ROOT, form, c);
    }

    /**
     * As {@code json.dumps}, keys in their order.
     *
     * @param indent blanks a level, or null for one line
     */
    static String json(Object value, String indent, boolean ascii, String[] separators) {
        var out = new StringBuilder();
        json(value, indent, "\n", ascii, separators, out);
        return out.toString();
    }

    private static void json(
            Object value,
            String indent,
            String line,
            boolean ascii,
            String[] separators,
            StringBuilder out) {
        if (value instanceof Undefined) {
            throw TemplateException.of("tojson of " + value + ", which is undefined");
        }
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof String text) {
            jsonText(text, ascii, out);
        } else if (value instanceof Double number) {
            var text = number(number);
            out.append(text.equals("nan") ? "NaN" : text.replace("inf", "Infinity"));
        } else if (value instanceof Map<?, ?> map) {
            var next = indent == null ? "" : line + indent;
            var separator = "{";
            for (var entry : map.entrySet()) {
                out.append(separator).append(next);
                var key = entry.getKey();
                jsonText(
                        key == null || key instanceof Boolean ? String.valueOf(key) : str(key),
                        ascii,
                        out);
                out.append(separators[1]);
                json(entry.getValue(), indent, next, ascii, separators, out);
                separator = separators[0];
            }
            out.append(map.isEmpty() ? "{}" : (indent == null ? "" : line) + "}");
        } else if (value instanceof List<?> list) {
            var next = indent == null ? "" : line + indent;
            var separator = "[";
            for (var item : list) {
                out.append(separator).append(next);
                json(item, indent, next, ascii, separators, out);
                separator = separators[0];
            }
            out.append(list.isEmpty() ? "[]" : (indent == null ? "" : line) + "]");
        } else if (value instanceof Number) {
            out.append(value);
        } else {
            throw TemplateException.of("tojson of " + Values.kind(value));
        }
    }

    private static void jsonText(String text, boolean ascii, StringBuilder out) {
        out.append('"');
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c > '~') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** As {@code str.isspace} of one character. */
    static boolean blank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    /**
     * As {@code str.strip}.
     *
     * @param characters what is taken off, or null for blanks
     */
    static String strip(String text, String characters, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && off(text.codePointAt(from), characters)) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && off(text.codePointBefore(to), characters)) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static boolean off(int c, String characters) {
        return characters == null ? blank(c) : characters.indexOf(c) >= 0;
    }

    /** As {@code str.title}: a capital after each character that is no letter. */
    static String title(String text) {
        var out = new StringBuilder();
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }
}
