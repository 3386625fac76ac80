package org.lowrank.kernel;

import java.util.List;

/**
 * The text of a cell.
 *
 * @param name what a reader calls it, such as {@code In [3]}
 * @param text what the reader wrote
 * @param code the same as Java: magics rewritten, line for line
 */
record CellSource(String name, String text, String code) {

    static CellSource of(String name, String text) {
        return new CellSource(name, text, MagicSyntax.toJava(text));
    }

    /** A place in a cell where a snippet starts. */
    record Place(CellSource cell, int offset) {

        /**
         * The place of a line of the snippet, as in {@code In [3], line 7}; the first line is 1.
         */
        String line(int lineInSnippet) {
            return cell.name + ", line " + (cell.lineOf(offset) + lineInSnippet - 1);
        }
    }

    /** A part of a line to be marked. */
    record Mark(int column, int length) {}

    /** Number of the line that holds an offset of the code; the first is 1. */
    int lineOf(int offset) {
        return 1
                + (int)
                        code.substring(0, Math.min(offset, code.length()))
                                .chars()
                                .filter(c -> c == '\n')
                                .count();
    }

    /** A line as the reader wrote it. */
    String textOfLine(int line) {
        return line(text, line);
    }

    /** Where a part of the code stands in the reader's line; of a magic, all of the line. */
    Mark mark(int start, int end) {
        String shown = textOfLine(lineOf(start));
        if (!shown.equals(line(code, lineOf(start)))) {
            int first = shown.length() - shown.stripLeading().length();
            return new Mark(first, Math.max(1, shown.strip().length()));
        }
        int column = Math.min(start - (code.lastIndexOf('\n', start - 1) + 1), shown.length());
        return new Mark(column, Math.max(1, Math.min(end - start, shown.length() - column)));
    }

    private static String line(String text, int line) {
        List<String> lines = text.lines().toList();
        return line <= lines.size() ? lines.get(line - 1) : "";
    }
}
