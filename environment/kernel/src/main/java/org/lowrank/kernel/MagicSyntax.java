package org.lowrank.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rewrites magics, {@code %name args} and {@code %%name args}, as calls of {@link Notebook}, line
 * for line.
 *
 * <p>A line magic stands where a statement can begin, first in its line, or right of an equals
 * sign, and takes the rest of its line. Everywhere else a percent sign is Java's: a remainder, or a
 * part of a text, a character or a comment. A cell magic begins its cell and takes all of it.
 */
final class MagicSyntax {

    private static final Pattern CELL = Pattern.compile("(\\s*)%%([A-Za-z]\\w*)([^\\n]*)\\n?");
    private static final Pattern CALL = Pattern.compile("([A-Za-z]\\w*)(.*)");
    private static final Pattern ARGUMENT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    /** Magics whose line is Java: it reaches them as it stands. */
    private static final Set<String> OF_JAVA = Set.of("time");

    private MagicSyntax() {}

    /** A magic of a line: from the percent sign to the end of the line. */
    private record Spot(int start, int end, boolean statement) {}

    static String toJava(String code) {
        var cell = CELL.matcher(code);
        if (cell.lookingAt()) {
            return cell.group(1)
                    + "{ cellMagic("
                    + literal(cell.group(2))
                    + ", "
                    + list(arguments(cell.group(2), cell.group(3)))
                    + ", "
                    + literal(code.substring(cell.end()))
                    + "); }";
        }
        StringBuilder java = new StringBuilder();
        int done = 0;
        for (Spot spot : spots(code)) {
            java.append(code, done, spot.start()).append(call(code, spot));
            done = spot.end();
        }
        return java.append(code, done, code.length()).toString();
    }

    /** The code with blanks in place of its magics, every other character at its place. */
    static String withoutMagics(String code) {
        var cell = CELL.matcher(code);
        StringBuilder java = new StringBuilder(code);
        if (cell.lookingAt()) {
            blank(java, cell.start(), cell.end());
            return java.toString();
        }
        spots(code).forEach(spot -> blank(java, spot.start(), spot.end()));
        return java.toString();
    }

    private static void blank(StringBuilder text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) != '\n') {
                text.setCharAt(i, ' ');
            }
        }
    }

    private static List<Spot> spots(String code) {
        List<Spot> spots = new ArrayList<>();
        JavaText text = new JavaText(code);
        boolean firstInLine = true;
        while (!text.ended()) {
            char c = text.next();
            int at = text.position();
            boolean named = c == '%' && at + 1 < code.length() && isLetter(code.charAt(at + 1));
            boolean assigned = text.before() == '=';
            if (named && (assigned || firstInLine && startsStatement(text.before()))) {
                spots.add(new Spot(at, text.lineEnd(at), !assigned));
                text.skipStatement(text.lineEnd(at));
                continue;
            }
            firstInLine = c == '\n' || firstInLine && Character.isWhitespace(c);
            text.advance();
        }
        return spots;
    }

    private static boolean isLetter(char c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    private static boolean startsStatement(char before) {
        return before == 0 || before == ';' || before == '{' || before == '}';
    }

    private static String call(String code, Spot spot) {
        var magic = CALL.matcher(code.substring(spot.start() + 1, spot.end()).stripTrailing());
        if (!magic.matches()) {
            throw new IllegalStateException("no magic at " + spot);
        }
        String name = magic.group(1);
        String rest = spot.statement() ? magic.group(2) : withoutSemicolon(magic.group(2));
        List<String> arguments = arguments(name, rest);
        if (OF_JAVA.contains(name)) { // so that the lines of an error are the cell's
            String above = "\n".repeat((int) lines(code.substring(0, spot.start())));
            arguments = arguments.stream().map(java -> above + java).toList();
        }
        String call = "lineMagic(" + literal(name) + ", " + list(arguments) + ");";
        return spot.statement() ? "{ " + call + " }" : call;
    }

    private static long lines(String text) {
        return text.chars().filter(c -> c == '\n').count();
    }

    private static String withoutSemicolon(String text) {
        return text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
    }

    private static List<String> arguments(String name, String text) {
        if (OF_JAVA.contains(name)) {
            return text.isBlank() ? List.of() : List.of(text.strip());
        }
        return ARGUMENT.matcher(text)
                .results()
                .map(
                        found ->
                                found.group(1) == null
                                        ? found.group(2)
                                        : found.group(1).replaceAll("\\\\(.)", "$1"))
                .toList();
    }

    private static String list(List<String> arguments) {
        return "java.util.List.of("
                + arguments.stream().map(MagicSyntax::literal).collect(Collectors.joining(", "))
                + ")";
    }

    private static String literal(String text) {
        StringBuilder java = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            java.append(
                    switch (c) {
                        case '"' -> "\\\"";
                        case '\\' -> "\\\\";
                        case '\n' -> "\\n";
                        case '\r' -> "\\r";
                        default -> String.valueOf(c);
                    });
        }
        return java.append('"').toString();
    }
}
