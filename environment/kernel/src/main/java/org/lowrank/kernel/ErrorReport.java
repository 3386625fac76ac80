package org.lowrank.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * How an error looks under a cell.
 *
 * @param name simple class name of the error
 * @param message its message, never null
 * @param lines the whole report, with ANSI colours
 */
record ErrorReport(String name, String message, List<String> lines) {

    private static final int FRAMES = 25;

    static ErrorReport of(Throwable error) {
        if (error instanceof CompileError compileError) {
            return new ErrorReport("CompileError", text(error), linesOf(compileError));
        }
        if (error instanceof UserException user) {
            Throwable thrown = user.getCause();
            String message = text(thrown);
            if (!user.advice().isEmpty()) {
                message = message.replaceFirst("[.\\s]+$", "") + ": " + user.advice();
            }
            return new ErrorReport(thrown.getClass().getSimpleName(), message, linesOf(user));
        }
        return new ErrorReport(
                error.getClass().getSimpleName(), text(error), List.of(red(error.toString())));
    }

    private static String text(Throwable error) {
        return error.getMessage() == null ? "" : UserException.readable(error.getMessage());
    }

    private static List<String> linesOf(CompileError error) {
        List<String> lines = new ArrayList<>();
        for (CompileError.Spot spot : error.spots()) {
            CellSource cell = error.cell();
            int line = cell.lineOf(spot.start());
            String code = cell.textOfLine(line);
            CellSource.Mark mark = cell.mark(spot.start(), spot.end());
            lines.add(red(cell.name() + ", line " + line + ": ") + firstLine(spot.message()));
            lines.add("    " + code);
            lines.add(
                    "    "
                            + blank(code.substring(0, mark.column()))
                            + red("^".repeat(mark.length())));
            spot.message()
                    .lines()
                    .skip(1)
                    .filter(ErrorReport::saysSomething)
                    .map(s -> "    " + s)
                    .forEach(lines::add);
        }
        return lines;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** JShell's wrapper class has no name that would mean anything to a reader. */
    private static boolean saysSomething(String line) {
        return !line.strip().equals("location: class");
    }

    private static String blank(String code) {
        return code.replaceAll("[^\\t]", " ");
    }

    private static List<String> linesOf(UserException error) {
        List<String> lines = new ArrayList<>();
        if (!error.advice().isEmpty()) {
            lines.add(red(error.advice()));
        }
        for (UserException.Link link : error.links()) {
            String text = (lines.isEmpty() ? "" : "Caused by: ") + link.text();
            text.lines().map(ErrorReport::red).forEach(lines::add);
            List<String> frames = link.frames();
            frames.stream().limit(FRAMES).map(frame -> "    at " + frame).forEach(lines::add);
            if (frames.size() > FRAMES) {
                lines.add("    … " + (frames.size() - FRAMES) + " more");
            }
        }
        return lines;
    }

    private static String red(String text) {
        return "\u001b[31m" + text + "\u001b[0m";
    }
}
