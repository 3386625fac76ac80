package org.lowrank.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.lowrank.experiment.spec.Rates;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.selection.Selection;

/** A result table as Tablesaw tables: one to read, one with every column. */
public final class ResultFormat {

    /** Marks a cell whose rate is the smallest or the largest that was tried. */
    static final String AT_EDGE = "↕";

    /** Says that a cell is empty because nothing of it was run, not because nothing came of it. */
    static final String NOT_RUN = "not run yet";

    /** Marks a paper's number that is of another metric than ours. */
    static final String OTHER_METRIC = "†";

    private final ResultTable results;
    private final List<String> citations;

    public ResultFormat(ResultTable results) {
        this.results = results;
        citations =
                List.copyOf(
                        new LinkedHashSet<>(
                                results.cells().stream()
                                        .flatMap(cell -> cell.paper().stream())
                                        .map(PaperTable.Target::citation)
                                        .toList()));
    }

    /** The sources of the papers' numbers; number i of the table is {@code [i]}, from 1. */
    public List<String> citations() {
        return citations;
    }

    /** What is to be known of the papers' tables that have a number here. */
    public List<String> paperNotes() {
        return results.cells().stream()
                .flatMap(cell -> cell.paper().stream())
                .map(PaperTable.Target::table)
                .distinct()
                .flatMap(table -> table.notes().stream().map(note -> table.id() + ": " + note))
                .toList();
    }

    /**
     * The table to read: a row a method, a column a task with mean ± standard deviation over the
     * seeds, the papers' numbers beside it, and the average.
     */
    public Table wide() {
        return wide(true, true);
    }

    /** {@link #wide} without the papers' numbers. */
    public Table scores() {
        return wide(true, false);
    }

    /** {@link #wide} with the papers' numbers alone: the tasks and methods that have any. */
    public Table papers() {
        var table = wide(false, true);
        table.setName(table.name() + ": the papers' numbers");
        var columns = table.columns().subList(1, table.columnCount());
        int[] rows =
                IntStream.range(0, table.rowCount())
                        .filter(r -> columns.stream().anyMatch(c -> !c.getString(r).isEmpty()))
                        .toArray();
        return table.where(Selection.with(rows));
    }

    private Table wide(boolean own, boolean theirs) {
        var table = Table.create(results.experiment().title());
        var rows = results.rows();
        var names = new ArrayList<String>();
        names.add(results.nameOfUntaught());
        names.addAll(rows);
        table.addColumns(StringColumn.create("method", names));
        for (var task : results.tasks()) {
            var first = results.cell(rows.get(0), task);
            var ours = StringColumn.create(task + " (" + first.metricInWords() + ")");
            var papers = StringColumn.create(task + ", papers");
            ours.append(results.majority(task).map(m -> number(m, digits(first))).orElse("-"));
            papers.append("");
            for (var row : rows) {
                var cell = results.cell(row, task);
                ours.append(text(cell));
                papers.append(paper(cell));
            }
            if (own) {
                table.addColumns(ours);
            }
            if (theirs
                    && results.cells().stream()
                            .anyMatch(c -> c.task().equals(task) && !c.paper().isEmpty())) {
                table.addColumns(papers);
            }
        }
        if (own && results.tasks().size() > 1) {
            table.addColumns(averages(rows));
        }
        return table;
    }

    private StringColumn averages(List<String> rows) {
        boolean oneMetric =
                results.cells().stream().map(ResultCell::metric).distinct().count() == 1;
        var column = StringColumn.create(oneMetric ? "average" : "average of the metrics");
        int seeds = results.experiment().protocol().seeds().size();
        var majorities = results.tasks().stream().map(results::majority).toList();
        column.append(
                majorities.stream().allMatch(Optional::isPresent)
                        ? number(
                                majorities.stream()
                                        .mapToDouble(Optional::get)
                                        .average()
                                        .orElseThrow())
                        : "-");
        for (var row : rows) {
            var average = results.average(row);
            column.append(
                    average.isEmpty()
                            ? "-"
                            : text(
                                            Summary.of(
                                                    average.values().stream()
                                                            .mapToDouble(d -> d)
                                                            .toArray()),
                                            2)
                                    + ofSeeds(average.size(), seeds));
        }
        return column;
    }

    /** Says so if a number does not rest on all seeds: of diverged runs there is no score. */
    public static String ofSeeds(int n, int planned) {
        return n == planned ? "" : " (" + n + " of " + planned + " seeds)";
    }

    /** Every number of every cell, one row a cell. */
    public Table detail() {
        return Table.create(
                results.experiment().title(),
                strings("method", ResultCell::row),
                strings("task", ResultCell::task),
                strings("metric", ResultCell::metric),
                ints("n", c -> c.scores().size()),
                doubles("mean", c -> c.summary().map(Summary::mean)),
                doubles("sd", c -> c.summary().map(Summary::standardDeviation)),
                doubles("ci95_low", c -> interval(c).map(Interval::low)),
                doubles("ci95_high", c -> interval(c).map(Interval::high)),
                doubles("difference", difference(d -> d.differences().mean())),
                exact("difference_n", difference(d -> (double) d.differences().n())),
                doubles("difference_ci95_low", difference(d -> d.differences().interval().low())),
                doubles("difference_ci95_high", difference(d -> d.differences().interval().high())),
                doubles("difference_bootstrap_low", difference(d -> d.bootstrap().low())),
                doubles("difference_bootstrap_high", difference(d -> d.bootstrap().high())),
                doubles("majority", ResultCell::majority),
                ints("one_class_runs", ResultCell::oneClass),
                ints("diverged_runs", ResultCell::diverged),
                ints("missing_runs", ResultFormat::missing),
                exact("learning_rate", c -> c.rate().map(r -> r.learningRate())),
                strings("rate_at_edge", ResultFormat::edge),
                strings("rates_tried", ResultFormat::tried),
                ints("search_runs", ResultCell::searchRuns),
                strings("paper", ResultFormat::paperInFull),
                strings("records", c -> String.join(" ", c.hashes())));
    }

    private Function<ResultCell, Optional<Double>> difference(
            Function<PairedDifference, Double> part) {
        return c -> results.baselineOf(c).flatMap(c::minus).map(part);
    }

    private static Optional<Interval> interval(ResultCell cell) {
        return cell.summary().map(Summary::interval).filter(Interval::known);
    }

    private static int missing(ResultCell cell) {
        return cell.planned() - cell.scores().size() - cell.diverged();
    }

    private static String edge(ResultCell cell) {
        return cell.rate()
                .map(r -> r.allDiverged() ? "diverged at every rate" : r.atEdge() ? "yes" : "no")
                .orElse("");
    }

    private static String tried(ResultCell cell) {
        return cell.rate()
                .map(r -> r.triedRates().stream().map(Rates::text).toList())
                .map(rates -> String.join(" ", rates))
                .orElse("");
    }

    private StringColumn strings(String name, Function<ResultCell, String> value) {
        return StringColumn.create(name, results.cells().stream().map(value).toList());
    }

    private IntColumn ints(String name, ToIntFunction<ResultCell> value) {
        var column = IntColumn.create(name, results.cells().stream().mapToInt(value).toArray());
        column.setPrintFormatter(NumberColumns.plain());
        return column;
    }

    /** Four digits after the point, more than any test split resolves; no minus zero. */
    private DoubleColumn doubles(String name, Function<ResultCell, Optional<Double>> value) {
        return exact(name, value.andThen(v -> v.map(x -> Math.rint(x * 1e4) / 1e4 + 0.0)));
    }

    private DoubleColumn exact(String name, Function<ResultCell, Optional<Double>> value) {
        var column = DoubleColumn.create(name);
        column.setPrintFormatter(NumberColumns.plain());
        for (var cell : results.cells()) {
            value.apply(cell)
                    .filter(x -> !x.isNaN())
                    .ifPresentOrElse(column::append, column::appendMissing);
        }
        return column;
    }

    private static String text(ResultCell cell) {
        if (!cell.isComplete()) {
            int over = cell.scores().size() + cell.diverged();
            return over == 0 ? NOT_RUN : over + " of " + cell.planned() + " runs so far";
        }
        var marks = new StringBuilder();
        cell.rate()
                .filter(r -> r.atEdge() && !r.allDiverged())
                .ifPresent(r -> marks.append(" " + AT_EDGE));
        if (cell.oneClass() > 0) {
            marks.append(" (").append(cell.oneClass()).append(" one-class)");
        }
        if (cell.diverged() > 0 || cell.scores().isEmpty()) {
            marks.append(
                    cell.scores().isEmpty() ? " diverged" : " (" + cell.diverged() + " diverged)");
        }
        return (cell.summary().map(summary -> text(summary, digits(cell))).orElse("") + marks)
                .strip();
    }

    private static int digits(ResultCell cell) {
        return cell.isLoss() ? 3 : 2;
    }

    private static String text(Summary summary, int digits) {
        var mean = "%." + digits + "f";
        return summary.n() == 1
                ? String.format(Locale.ROOT, mean, summary.mean())
                : String.format(
                        Locale.ROOT,
                        mean + " ± " + mean,
                        summary.mean(),
                        summary.standardDeviation());
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String number(double value) {
        return number(value, 2);
    }

    private String paper(ResultCell cell) {
        var parts = new ArrayList<String>();
        for (var target : cell.paper()) {
            var mark = target.isOf(cell.metric()) ? "" : OTHER_METRIC;
            parts.add(
                    value(target) + mark + " [" + (citations.indexOf(target.citation()) + 1) + "]");
        }
        return String.join(", ", parts);
    }

    private static String value(PaperTable.Target target) {
        var spread = target.cell().spread();
        return number(target.cell().value())
                + (spread == null ? "" : String.format(Locale.ROOT, " ± %.2f", spread));
    }

    private static String paperInFull(ResultCell cell) {
        return String.join(
                "; ",
                cell.paper().stream()
                        .map(t -> value(t) + " " + t.column().unit() + " (" + t.citation() + ")")
                        .toList());
    }
}
