package org.lowrank.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.lowrank.text.jinja.Values.Tuple;

/** The methods of a text. */
final class TextMethods {

    static final Set<String> NAMES =
            Set.of(
                    ("upper lower casefold title capitalize strip lstrip rstrip split rsplit"
                                    + " splitlines partition rpartition replace startswith endswith"
                                    + " removeprefix removesuffix find rfind index count join"
                                    + " isdecimal isdigit isnumeric isalpha isalnum isspace isupper"
                                    + " islower zfill ljust rjust format encode translate"
                                    + " expandtabs swapcase center format_map")
                            .split(" "));

    /** Python's further arguments of these (where a search begins and ends) are not built. */
    private static final Set<String> ONE_ARGUMENT =
            Set.of("startswith", "endswith", "rfind", "index", "count");

    private static final Pattern LINE_END =
            Pattern.compile("\r\n|[\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029]");
    private static final Pattern BLANKS = Pattern.compile("[\\p{javaWhitespace}\\p{Z}\u0085]+");

    private TextMethods() {}

    static Object call(String name, String text, Arguments a) {
        if (ONE_ARGUMENT.contains(name) && a.positional().size() + a.named().size() > 1) {
            throw TemplateException.of("the second argument of " + name + "() is not built");
        }
        return switch (name) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
            case "title" -> PythonText.title(text);
            case "capitalize" -> PythonText.capitalize(text);
            case "strip" -> PythonText.strip(text, a.text(0, "chars", null), true, true);
            case "lstrip" -> PythonText.strip(text, a.text(0, "chars", null), true, false);
            case "rstrip" -> PythonText.strip(text, a.text(0, "chars", null), false, true);
            case "split" -> split(text, a.text(0, "sep", null), a.number(1, "maxsplit", -1));
            case "rsplit" -> splitFromRight(text, a);
            case "splitlines" -> lines(text, a.truth(0, "keepends"));
            case "partition" -> parted(text, a.text(0, "sep"), false);
            case "rpartition" -> parted(text, a.text(0, "sep"), true);
            case "replace" -> replaced(text, a);
            case "startswith" -> any(a.need(0, "prefix"), text::startsWith);
            case "endswith" -> any(a.need(0, "suffix"), text::endsWith);
            case "removeprefix" -> {
                var prefix = a.text(0, "prefix");
                yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }
            case "removesuffix" -> {
                int end = text.length() - a.text(0, "suffix").length();
                yield text.endsWith(a.text(0, "suffix")) ? text.substring(0, end) : text;
            }
            case "find" -> place(text, text.indexOf(a.text(0, "sub"), start(text, a)));
            case "rfind" -> place(text, text.lastIndexOf(a.text(0, "sub")));
            case "index" -> {
                if (!text.contains(a.text(0, "sub"))) {
                    throw TemplateException.of("substring not found");
                }
                yield place(text, text.indexOf(a.text(0, "sub")));
            }
            case "count" ->
                    a.text(0, "sub").isEmpty()
                            ? Values.length(text) + 1
                            : split(text, a.text(0, "sub"), -1).size() - 1L;
            case "join" -> joined(text, Values.items(a.need(0, "iterable")));
            case "isdecimal" -> all(text, Character::isDigit);
            case "isdigit" -> all(text, TextMethods::digit);
            case "isnumeric" -> all(text, TextMethods::numeric);
            case "isalpha" -> all(text, Character::isLetter);
            case "isalnum" -> all(text, Character::isLetterOrDigit);
            case "isspace" -> all(text, PythonText::blank);
            case "isupper" -> isCase(text, text.toUpperCase(Locale.ROOT));
            case "islower" -> isCase(text, text.toLowerCase(Locale.ROOT));
            case "zfill" -> "0".repeat(missing(text, a)) + text;
            case "ljust" -> text + a.text(1, "fillchar", " ").repeat(missing(text, a));
            case "rjust" -> a.text(1, "fillchar", " ").repeat(missing(text, a)) + text;
            default -> throw TemplateException.of("the method " + name + " of a text is not built");
        };
    }

    static String joined(String by, List<Object> items) {
        return String.join(by, items.stream().map(PythonText::str).toList());
    }

    private static int missing(String text, Arguments a) {
        long missing = a.number(0, "width", 0) - Values.length(text);
        Run.requireShort(missing);
        return (int) Math.max(0, missing);
    }

    /** True if a text is the same in a case and has letters that have one. */
    private static boolean isCase(String text, String inCase) {
        return text.equals(inCase)
                && !text.toUpperCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
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

    private static Tuple parted(String text, String by, boolean right) {
        int at = right ? text.lastIndexOf(by) : text.indexOf(by);
        if (at < 0) {
            return right ? new Tuple("", "", text) : new Tuple(text, "", "");
        }
        return new Tuple(text.substring(0, at), by, text.substring(at + by.length()));
    }

    private static String replaced(String text, Arguments a) {
        var old = a.text(0, "old");
        var now = a.text(1, "new");
        int count = a.number(2, "count", -1);
        Run.requireShort((long) text.length() * Math.max(1, now.length()));
        if (count < 0 || old.isEmpty()) {
            return text.replace(old, now);
        }
        return joined(now, split(text, old, count));
    }

    private static List<Object> lines(String text, boolean keep) {
        var lines = new ArrayList<Object>();
        var end = LINE_END.matcher(text);
        int from = 0;
        while (end.find()) {
            lines.add(text.substring(from, keep ? end.end() : end.start()));
            from = end.end();
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** As {@code str.split}; without a separator, at runs of blanks. */
    static List<Object> split(String text, String separator, int most) {
        if ("".equals(separator)) {
            throw TemplateException.of("empty separator");
        }
        boolean atBlanks = separator == null;
        var cut = (atBlanks ? BLANKS : Pattern.compile(separator, Pattern.LITERAL)).matcher(text);
        int from = atBlanks && cut.lookingAt() ? cut.end() : 0;
        var parts = new ArrayList<Object>();
        while (parts.size() != most && cut.find(from)) {
            parts.add(text.substring(from, cut.start()));
            from = cut.end();
        }
        if (!atBlanks || from < text.length()) {
            parts.add(text.substring(from));
        }
        return parts;
    }

    private static List<Object> splitFromRight(String text, Arguments a) {
        var separator = a.text(0, "sep", null);
        var by = separator == null ? null : reversed(separator);
        var parts = split(reversed(text), by, a.number(1, "maxsplit", -1));
        parts.replaceAll(part -> reversed((String) part));
        Collections.reverse(parts);
        return parts;
    }

    static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }
}
