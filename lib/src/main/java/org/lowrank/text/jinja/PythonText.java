package org.lowrank.text.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lowrank.text.jinja.Values.Tuple;
import org.lowrank.text.jinja.Values.Undefined;
import org.lowrank.text.jinja.Values.View;

/** Values as Python writes them: str and repr, and Python's idea of a blank. */
final class PythonText {

    /** A backslash and what may follow it; one that begins no escape stays. */
    private static final Pattern ESCAPE =
            Pattern.compile(
                    "\\\\(?:([\\\\'\"nrtbfva])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})"
                            + "|U([0-9a-fA-F]{8})|([0-7]{1,3})|\n)");

    private static final String ESCAPED = "\\'\"nrtbfva";
    private static final String MEANT = "\\'\"\n\r\t\b\f\u000B\u0007";

    private PythonText() {}

    /** As {@code str(value)}. */
    static String str(Object value) {
        return value instanceof Undefined ? "" : value instanceof String text ? text : repr(value);
    }

    /** As {@code repr(value)}. */
    static String repr(Object value) {
        if (value == null || value instanceof Undefined) {
            return value == null ? "None" : "Undefined";
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
            return "{" + joined(map.entrySet().stream().map(PythonText::entry)) + "}";
        }
        if (value instanceof List<?> list) {
            var parts = joined(list.stream().map(PythonText::repr));
            return value instanceof Tuple
                    ? "(" + parts + (list.size() == 1 ? ",)" : ")")
                    : value instanceof View view
                            ? view.name + "([" + parts + "])"
                            : "[" + parts + "]";
        }
        if (value instanceof Arguments.Function) {
            throw TemplateException.of("a function is written out; its call lacks brackets");
        }
        return value.toString();
    }

    private static String entry(Map.Entry<?, ?> entry) {
        return repr(entry.getKey()) + ": " + repr(entry.getValue());
    }

    private static String joined(Stream<String> parts) {
        return parts.collect(Collectors.joining(", "));
    }

    /** The shortest digits that give the number back, as both languages write them. */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (value != 0 && (exponent < -4 || exponent >= 16)) {
            var digits = decimal.unscaledValue().toString();
            int lead = value < 0 ? 2 : 1;
            var rest = digits.length() > lead ? "." + digits.substring(lead) : "";
            return String.format(
                    Locale.ROOT, "%s%se%+03d", digits.substring(0, lead), rest, exponent);
        }
        var plain = value == 0 && 1 / value < 0 ? "-0" : decimal.toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        return quote
                + text.codePoints()
                        .mapToObj(
                                c ->
                                        switch (c) {
                                            case '\n' -> "\\n";
                                            case '\r' -> "\\r";
                                            case '\t' -> "\\t";
                                            case '\\' -> "\\\\";
                                            default -> c == quote ? "\\" + quote : shown(c);
                                        })
                        .collect(Collectors.joining())
                + quote;
    }

    private static String shown(int c) {
        boolean printable =
                c == ' '
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
        var form = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
        return printable ? Character.toString(c) : form.formatted(c);
    }

    /** The text that a literal means. */
    static String meant(String literal) {
        return ESCAPE.matcher(literal.substring(1, literal.length() - 1))
                .replaceAll(
                        found -> {
                            var meant = "";
                            for (int kind = 2; kind <= 5; kind++) {
                                if (found.group(kind) != null) {
                                    int radix = kind == 5 ? 8 : 16;
                                    int code = Integer.parseUnsignedInt(found.group(kind), radix);
                                    meant = Character.toString(code);
                                }
                            }
                            if (found.group(1) != null) {
                                int at = ESCAPED.indexOf(found.group(1));
                                meant = MEANT.substring(at, at + 1);
                            }
                            return java.util.regex.Matcher.quoteReplacement(meant);
                        });
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
        int first = text.isEmpty() ? 0 : text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }
}
