package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tech.tablesaw.api.Table;

/**
 * One table of a paper as data: what to show beside our own numbers.
 *
 * <p>Numbers that could not be checked against a source stand in {@link #unverified()}, apart from
 * the rows, and no look-up returns them.
 *
 * @param id for example {@code lora-pro/table-1}
 * @param arxiv the arXiv number of the paper
 * @param table the number of the table in the paper
 * @param setting what is known of the setting, by the names that a specification uses
 * @param sources what each source tag of a cell stands for
 * @param rows the checked numbers
 * @param unverified numbers from memory: never a target
 */
public record PaperTable(
        String id,
        String paper,
        String arxiv,
        String table,
        String title,
        Map<String, Object> setting,
        List<Column> columns,
        Map<String, String> sources,
        List<Row> rows,
        List<Row> unverified,
        List<String> notes) {

    /** A column and the unit of its numbers. */
    public record Column(String name, String unit) {

        /** The name, with the unit where the name does not tell it. */
        String head() {
            return unit.matches("(GB|minutes|%,).*") ? name + " (" + unit + ")" : name;
        }
    }

    /**
     * One line of the table.
     *
     * @param version the version of the paper that has these numbers
     * @param rank the rank r, or null where it does not apply or was not stated
     */
    public record Row(String method, String version, Integer rank, Map<String, Cell> cells) {}

    /**
     * One number.
     *
     * @param value the number, or null if the paper gives words or only the spread is at hand
     * @param spread what stands behind the ± sign, or null
     * @param text words in place of a number, or null
     * @param bound {@code >} if the number is a lower bound, else null
     * @param source a key of {@link PaperTable#sources()}
     * @param verified false for a number from memory
     */
    public record Cell(
            Double value,
            Double spread,
            String text,
            String bound,
            String source,
            boolean verified,
            String note) {}

    /** The table as it is printed: its own model, data and metric, never to be mixed with ours. */
    public Table asTable() {
        var names = columns.stream().map(Column::name).toList();
        var heads =
                Stream.concat(Stream.of("method"), columns.stream().map(Column::head))
                        .toArray(String[]::new);
        var shown = Rows.of(paper + ", table " + table + ": " + title, heads);
        for (var row : rows) {
            var method = label(row);
            var cells = names.stream().map(name -> written(row.cells().get(name), digits(name)));
            Rows.add(shown, Stream.concat(Stream.of(method), cells).toArray());
        }
        return shown;
    }

    /** Method and rank, and the version of the paper where two of them have such a row. */
    private String label(Row row) {
        var label = row.method() + (row.rank() == null ? "" : ", r = " + row.rank());
        boolean twice =
                rows.stream()
                        .anyMatch(
                                other ->
                                        other != row
                                                && other.method().equals(row.method())
                                                && Objects.equals(other.rank(), row.rank()));
        return twice ? label + ", " + row.version() : label;
    }

    /** What is to be known about its numbers: of single ones, then of the whole table. */
    public List<String> remarks() {
        var remarks = new ArrayList<String>();
        for (var row : rows) {
            row.cells()
                    .forEach(
                            (column, cell) -> {
                                if (cell.note() != null) {
                                    remarks.add(label(row) + ", " + column + ": " + cell.note());
                                }
                            });
        }
        remarks.addAll(notes);
        return remarks;
    }

    /** None where a column has whole numbers alone. */
    private int digits(String column) {
        return rows.stream()
                        .map(row -> row.cells().get(column))
                        .filter(cell -> cell != null && cell.value() != null)
                        .allMatch(
                                cell ->
                                        cell.value() == Math.rint(cell.value())
                                                && cell.spread() == null)
                ? 0
                : 2;
    }

    private static String written(Cell cell, int digits) {
        if (cell == null || !cell.verified() || cell.value() == null) {
            return "";
        }
        return (cell.bound() == null ? "" : cell.bound() + " ")
                + String.format(Locale.ROOT, "%." + digits + "f", cell.value())
                + (cell.spread() == null
                        ? ""
                        : String.format(Locale.ROOT, " ± %.2f", cell.spread()));
    }

    /** A checked number with the row and the column it stands in. */
    public record Target(PaperTable table, Row row, Column column, Cell cell) {

        /**
         * True if the number is of this metric, for example {@code accuracy} of {@code % accuracy}.
         */
        public boolean isOf(String metric) {
            return column.unit().contains(metric);
        }

        /**
         * The place in the paper, and what the number was read from: {@code LoRA-Pro, arXiv
         * 2407.18242 v2, table 1, read from: a review ...}.
         */
        public String citation() {
            var version = row.version() == null ? "" : " " + row.version();
            return table.paper
                    + ", arXiv "
                    + table.arxiv
                    + version
                    + ", table "
                    + table.table
                    + ", read from: "
                    + table.sources.get(cell.source());
        }
    }

    /**
     * The checked number of a method in a column, the first row that has one.
     *
     * @param rank the rank sought, or null for any
     */
    public Optional<Target> target(String method, String column, Integer rank) {
        return rows.stream()
                .filter(row -> row.method().equalsIgnoreCase(method))
                .filter(row -> rank == null || row.rank() == null || row.rank().equals(rank))
                .filter(row -> row.cells().containsKey(column))
                .map(row -> new Target(this, row, column(column), row.cells().get(column)))
                .filter(target -> target.cell().verified() && target.cell().value() != null)
                .findFirst();
    }

    /** The methods that have a row, each once. */
    public List<String> methods() {
        return rows.stream().map(Row::method).distinct().toList();
    }

    private Column column(String name) {
        return columns.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }
}
