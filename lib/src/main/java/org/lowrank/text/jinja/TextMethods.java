package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.lowrank.text.jinja.Arguments.Function;

/** The methods of a text. */
final class TextMethods {

    /** Python's further arguments of these (where a search begins and ends) are not built. */
    private static final List<String> ONE_ARGUMENT =
            List.of("startswith", "endswith", "rfind", "index", "count");

    private TextMethods() {}

    private static Function alone(String name, Function method) {
        return a -> {
            if (a.positional().size() + a.named().size() > 1) {
                throw TemplateException.of("the second argument of " + name + "() is not built");
            }
            return method.call(a);
        };
    }

    /** The method of a name, or null if there is none. */
    static Function of(String text, String name) {
        return ONE_ARGUMENT.contains(name) ? alone(name, text(text, name)) : text(text, name);
    }

    private static Function text(String text, String name) {
        return switch (name) {
            case "upper" -> a -> text.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> a -> text.toLowerCase(Locale.ROOT);
            case "title" -> a -> PythonText.title(text);
            case "capitalize" -> a -> PythonText.capitalize(text);
            case "strip" -> a -> PythonText.strip(text, a.text(0, "chars", null), true, true);
            case "lstrip" -> a -> PythonText.strip(text, a.text(0, "chars", null), true, false);
            case "rstrip" -> a -> PythonText.strip(text, a.text(0, "chars", null), false, true);
            case "split" ->
                    a -> split(text, a.text(0, "sep", null), a.number(1, "maxsplit", -1), false);
            case "rsplit" ->
                    a -> split(text, a.text(0, "sep", null), a.number(1, "maxsplit", -1), true);
            case "splitlines" -> a -> lines(text, a.truth(0, "keepends", false));
            case "partition" ->
                    a -> parted(text, a.text(0, "sep"), text.indexOf(a.text(0, "sep")), false);
            case "rpartition" ->
                    a -> parted(text, a.text(0, "sep"), text.lastIndexOf(a.text(0, "sep")), true);
            case "replace" ->
                    a ->
                            replace(
                                    text,
                                    a.text(0, "old"),
                                    a.text(1, "new"),
                                    a.number(2, "count", -1));
            case "startswith" -> a -> any(a.need(0, "prefix"), text::startsWith);
            case "endswith" -> a -> any(a.need(0, "suffix"), text::endsWith);
            case "removeprefix" ->
                    a ->
                            text.startsWith(a.text(0, "prefix"))
                                    ? text.substring(a.text(0, "prefix").length())
                                    : text;
            case "removesuffix" ->
                    a ->
                            text.endsWith(a.text(0, "suffix"))
                                    ? text.substring(
                                            0, text.length() - a.text(0, "suffix").length())
                                    : text;
            case "find" -> a -> place(text, text.indexOf(a.text(0, "sub"), start(text, a)));
            case "rfind" -> a -> place(text, text.lastIndexOf(a.text(0, "sub")));
            case "index" ->
                    a -> {
                        if (!text.contains(a.text(0, "sub"))) {
                            throw TemplateException.of("substring not found");
                        }
                        return place(text, text.indexOf(a.text(0, "sub")));
                    };
            case "count" ->
                    a ->
                            a.text(0, "sub").isEmpty()
                                    ? Values.length(text) + 1
                                    : split(text, a.text(0, "sub"), -1, false).size() - 1L;
            case "join" ->
                    a ->
                            String.join(
                                    text,
                                    Values.items(a.need(0, "iterable")).stream()
                                            .map(PythonText::str)
                                            .toList());
            case "isdecimal" -> a -> all(text, Character::isDigit);
            case "isdigit" -> a -> all(text, TextMethods::digit);
            case "isnumeric" -> a -> all(text, TextMethods::numeric);
            case "isalpha" -> a -> all(text, Character::isLetter);
            case "isalnum" -> a -> all(text, Character::isLetterOrDigit);
            case "isspace" -> a -> all(text, PythonText::blank);
            case "isupper" ->
                    a ->
                            !text.equals(text.toLowerCase(Locale.ROOT))
                                    && text.equals(text.toUpperCase(Locale.ROOT));
            case "islower" ->
                    a ->
                            !text.equals(text.toUpperCase(Locale.ROOT))
                                    && text.equals(text.toLowerCase(Locale.ROOT));
            case "zfill" -> a -> "0".repeat(missing(text, a)) + text;
            case "ljust" -> a -> text + a.text(1, "fillchar", " ").repeat(missing(text, a));
            case "rjust" -> a -> a.text(1, "fillchar", " ").repeat(missing(text, a)) + text;
            case "format",
                    "encode",
                    "translate",
                    "expandtabs",
                    "swapcase",
                    "center",
                    "format_map" ->
                    a -> {
                        throw TemplateException.of(
                                "the method " + name + " of a text is not built");
                    };
            default -> null;
        };
    }

    private static int missing(String text, Arguments a) {
        long missing = a.number(0, "width", 0) - Values.length(text);
        Run.requireShort(missing);
        return (int) Math.max(0, missing);
    }

    private static boolean all(String text, IntPredicate holds) {
        return !text.isEmpty() && text.codePoints().allMatch(holds);
    }

    private static boolean digit(int c) {
        int value = Character.getNumericValue(c);
        return Character.isDigit(c)
                || Character.getType(c) == Character.OTHER_NUMBER && value >= 0 && value < 10;
    }

    private static boolean numeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean any(Object one, Predicate<String> holds) {
        return one instanceof List<?> several
                ? several.stream().anyMatch(part -> holds.test(PythonText.str(part)))
                : holds.test(PythonText.str(one));
    }

    /** Where a search begins, in Java characters. */
    private static int start(String text, Arguments a) {
        long size = Values.length(text);
        long at = a.number(1, "start", 0);
        long from = Math.max(0, Math.min(size, at < 0 ? at + size : at));
        return text.offsetByCodePoints(0, (int) from);
    }

    private static long place(String text, int at) {
        return at < 0 ? -1 : text.codePointCount(0, at);
    }

    private static Tuple parted(String text, String separator, int at, boolean right) {
        if (at < 0) {
            return new Tuple(right ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Tuple(
                List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
    }

    static String replace(String text, String old, String now, int count) {
        if (count < 0) {
            Run.requireShort((long) text.length() * Math.max(1, now.length()));
            return text.replace(old, now);
        }
        var out = new StringBuilder();
        int from = 0;
        for (int i = 0; i < count; i++) {
            int at = text.indexOf(old, from);
            if (at < 0) {
                break;
            }
            out.append(text, from, at).append(now);
            from = at + old.length();
        }
        return out.append(text.substring(from)).toString();
    }

    private static List<Object> lines(String text, boolean keep) {
        var lines = new ArrayList<Object>();
        int from = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if ("\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029".indexOf(c) >= 0) {
                int end = c == '\r' && text.startsWith("\n", at + 1) ? at + 2 : at + 1;
                lines.add(text.substring(from, keep ? end : at));
                from = end;
                at = end - 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** As {@code str.split} and {@code str.rsplit}; without a separator, at runs of blanks. */
    private static List<Object> split(String text, String separator, int most, boolean right) {
        if (separator != null && separator.isEmpty()) {
            throw TemplateException.of("empty separator");
        }
        var parts = new ArrayList<Object>();
        var rest = separator == null ? PythonText.strip(text, null, !right, right) : text;
        while (!(separator == null && rest.isEmpty())) {
            int[] cut = most >= 0 && parts.size() >= most ? null : cut(rest, separator, right);
            if (cut == null) {
                parts.add(
                        right ? 0 : parts.size(),
                        separator == null ? PythonText.strip(rest, null, !right, right) : rest);
                break;
            }
            parts.add(
                    right ? 0 : parts.size(),
                    right ? rest.substring(cut[1]) : rest.substring(0, cut[0]));
            rest = right ? rest.substring(0, cut[0]) : rest.substring(cut[1]);
        }
        return parts;
    }

    /** Where the next separator begins and ends, or null. */
    private static int[] cut(String text, String separator, boolean right) {
        if (separator != null) {
            int at = right ? text.lastIndexOf(separator) : text.indexOf(separator);
            return at < 0 ? null : new int[] {at, at + separator.length()};
        }
        for (int i = 0; i < text.length(); i++) {
            int at = right ? text.length() - 1 - i : i;
            if (PythonText.blank(text.charAt(at))) {
                int from = at;
                int to = at + 1;
                while (to < text.length() && PythonText.blank(text.charAt(to))) {
                    to++;
                }
                while (from > 0 && PythonText.blank(text.charAt(from - 1))) {
                    from--;
                }
                return new int[] {from, to};
            }
        }
        return null;
    }
}
