package org.lowrank.kernel;

import java.util.List;

/**
 * The text of a cell.
 *
 * @param name what a reader calls it, such as {@code In [3]}
 * @param code Java with the magics already rewritten, line for line
 */
record CellSource(String name, String code) {

    /** A place in a cell where a snippet starts. */
    record Place(CellSource cell, int offset) {

        /**
         * The place of a line of the snippet, as in {@code In [3], line 7}; the first line is 1.
         */
        String line(int lineInSnippet) {
            return cell.name + ", line " + (cell.lineOf(offset) + lineInSnippet - 1);
        }
    }

    /** Number of the line that holds an offset; the first is 1. */
    int lineOf(int offset) {
        return 1
                + (int)
                        code.substring(0, Math.min(offset, code.length()))
                                .chars()
                                .filter(c -> c == '\n')
                                .count();
    }

    int columnOf(int offset) {
        return offset - (code.lastIndexOf('\n', offset - 1) + 1);
    }

    String textOfLine(int line) {
        List<String> lines = code.lines().toList();
        return line <= lines.size() ? lines.get(line - 1) : "";
    }
}
