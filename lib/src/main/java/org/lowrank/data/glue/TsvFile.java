package org.lowrank.data.glue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.data.DataFormatException;

/**
 * A file of GLUE: UTF-8, a row a line, cells apart by tabs. Quotation marks are text like any
 * other: a CSV reader would join hundreds of rows here that begin with one.
 */
final class TsvFile {

    private final Path file;
    private final List<String> columns;
    private final List<Row> rows = new ArrayList<>();
    private final List<Integer> leftOut = new ArrayList<>();

    private TsvFile(Path file, List<String> columns) {
        this.file = file;
        this.columns = columns;
    }

    /** Reads a file whose first line names the columns, among them all that are needed. */
    static TsvFile withHeader(Path file, List<String> needed) throws IOException {
        return withHeader(file, needed, 0);
    }

    /**
     * The same of a file that was published with broken rows.
     *
     * @param mostBroken lines without a cell a column that are left out; with more of them it is
     *     another file, and refused
     */
    static TsvFile withHeader(Path file, List<String> needed, int mostBroken) throws IOException {
        var lines = TextLines.read(file, StandardCharsets.UTF_8);
        var columns = lines.isEmpty() ? List.<String>of() : List.of(lines.get(0).split("\t", -1));
        if (!columns.containsAll(needed)) {
            throw new DataFormatException(
                    file, 1, "expected a header with the columns " + needed + ", found " + columns);
        }
        var tsv = new TsvFile(file, columns);
        tsv.addRows(lines, 1, mostBroken);
        return tsv;
    }

    static TsvFile withoutHeader(Path file, List<String> columns) throws IOException {
        var tsv = new TsvFile(file, columns);
        tsv.addRows(TextLines.read(file, StandardCharsets.UTF_8), 0, 0);
        return tsv;
    }

    List<Row> rows() {
        return rows;
    }

    /** The numbers of the lines that are no rows. */
    List<Integer> leftOut() {
        return leftOut;
    }

    private void addRows(List<String> lines, int from, int mostBroken) throws DataFormatException {
        for (var i = from; i < lines.size(); i++) {
            var cells = lines.get(i).split("\t", -1);
            if (cells.length != columns.size() && leftOut.size() < mostBroken) {
                leftOut.add(i + 1);
                continue;
            }
            if (cells.length != columns.size()) {
                var before =
                        leftOut.isEmpty() ? "" : " (and before it in the lines " + leftOut + ")";
                throw new DataFormatException(
                        file,
                        i + 1,
                        "expected %s cells, %s, found %s%s"
                                .formatted(columns.size(), columns, cells.length, before));
            }
            rows.add(new Row(i + 1, cells));
        }
    }

    /** One row, its cells by the names of their columns. */
    final class Row {

        private final int line;
        private final String[] cells;

        private Row(int line, String[] cells) {
            this.line = line;
            this.cells = cells;
        }

        /** The cell without blanks around it. */
        String cell(String column) {
            return cells[columns.indexOf(column)].strip();
        }

        int label(String column, List<String> names) throws DataFormatException {
            var label = names.indexOf(cell(column));
            if (label < 0) {
                throw error(column, "one of " + names);
            }
            return label;
        }

        double score(String column, double least, double most) throws DataFormatException {
            try {
                var score = Double.parseDouble(cell(column));
                if (score >= least && score <= most) {
                    return score;
                }
            } catch (NumberFormatException e) {
                throw error(column, "a number from " + least + " to " + most);
            }
            throw error(column, "a number from " + least + " to " + most);
        }

        DataFormatException error(String problem) {
            return new DataFormatException(file, line, problem);
        }

        private DataFormatException error(String column, String expected) {
            return error(
                    "expected " + expected + " as " + column + ", found '" + cell(column) + "'");
        }
    }
}
