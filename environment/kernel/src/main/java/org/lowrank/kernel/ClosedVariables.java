package org.lowrank.kernel;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which variables were closed by a statement {@code name.close();} and not made anew since: what
 * fails for want of them says by this which cell to run.
 */
final class ClosedVariables {

    private static final Pattern CLOSE = Pattern.compile("(\\w+)\\.close\\(\\)\\s*;?");

    /** How DJL's arrays and managers, streams and the JDK's executors say that they were closed. */
    private static final Pattern WAS_CLOSED =
            Pattern.compile("(?is).*\\b(been|was|is|already) (already )?(release|close)d?\\b.*");

    private static final Comparator<String> BY_NUMBER =
            Comparator.comparingInt(cell -> Integer.parseInt("0" + cell.replaceAll("\\D", "")));

    private record Closing(String by, String made) {}

    private final Map<String, Closing> closings = new LinkedHashMap<>();

    /**
     * Takes note of a statement that has run.
     *
     * @param made gives the cell that made a variable, null for what is no variable
     */
    void ran(String statement, String cell, UnaryOperator<String> made) {
        var close = CLOSE.matcher(statement.strip());
        if (close.matches()) {
            var from = made.apply(close.group(1));
            if (from != null) {
                closings.put(close.group(1), new Closing(cell, from));
            }
        }
    }

    void declared(String name) {
        closings.remove(name);
    }

    /** What to do about an error, empty if it is not of something that was closed. */
    String advice(Throwable error) {
        boolean closed = false;
        for (var t = error; t != null; t = t.getCause()) {
            closed |= t.getMessage() != null && WAS_CLOSED.matcher(t.getMessage()).matches();
        }
        if (!closed || closings.isEmpty()) {
            return "";
        }
        var names =
                closings.entrySet().stream()
                        .map(e -> e.getKey() + " (made by " + e.getValue().made() + ")")
                        .collect(Collectors.joining(" and "));
        var by = closings.values().stream().map(Closing::by).distinct();
        var first = closings.values().stream().map(Closing::made).min(BY_NUMBER).orElseThrow();
        return names
                + (closings.size() == 1 ? " was" : " were")
                + " closed by "
                + by.collect(Collectors.joining(", "))
                + ": run "
                + first
                + " again, and the cells after it";
    }
}
