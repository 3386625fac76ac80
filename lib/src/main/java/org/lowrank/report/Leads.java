package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lowrank.experiment.spec.Experiment;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How far each method of a table is ahead of the baseline: test scores minus the baseline's, seed
 * by seed, in points. An interval that holds 0 says that with so many seeds no difference is shown.
 */
public final class Leads {

    private final ResultTable results;
    private final String baseline;

    /**
     * @throws IllegalArgumentException if the experiment names no baseline
     */
    public Leads(ResultTable results) {
        this.results = results;
        baseline = results.experiment().baseline();
        if (baseline == null) {
            throw new IllegalArgumentException(
                    "the experiment \""
                            + results.experiment().name()
                            + "\" names no baseline to be ahead of; give it one in its"
                            + " specification");
        }
    }

    /**
     * On how many tasks a method is ahead of the baseline, behind it, or neither.
     *
     * @param open tasks on which the interval holds 0, or without an interval
     */
    public record Verdict(String method, int ahead, int behind, int open) {

        public int compared() {
            return ahead + behind + open;
        }
    }

    /** Mean of the differences with the interval; empty if a run of the two is missing. */
    public Optional<Summary> on(String row, String task) {
        var cell = results.cell(row, task);
        return results.baselineOf(cell)
                .filter(ResultCell::isComplete)
                .filter(other -> cell.isComplete())
                .flatMap(cell::minus)
                .map(PairedDifference::differences);
    }

    /**
     * The same of the average over the tasks; empty if a run is missing, since an average over
     * other tasks is another quantity.
     */
    public Optional<Summary> onAverage(String row) {
        var own = results.average(row);
        var other = results.average(baseline);
        return own.isEmpty() || !own.keySet().equals(other.keySet())
                ? Optional.empty()
                : Optional.of(PairedDifference.of(own, other).differences());
    }

    /** For example {@code +0.74 [-4.84, +6.32]}, or {@code -} where nothing is to be compared. */
    public String text(String row, String task) {
        int planned = results.cell(row, task).planned();
        return on(row, task).map(d -> text(d) + ResultFormat.ofSeeds(d.n(), planned)).orElse("-");
    }

    /** A difference with its interval; without spread there is none, and it is said so. */
    public static String text(Summary difference) {
        var mean = String.format(Locale.ROOT, "%+.2f", difference.mean());
        if (difference.n() > 1 && difference.standardDeviation() < 1e-9) {
            return mean + " on every seed";
        }
        var interval = difference.interval();
        return interval.known()
                ? mean
                        + String.format(
                                Locale.ROOT, " [%+.2f, %+.2f]", interval.low(), interval.high())
                : mean;
    }

    /** A row a method but the baseline, a column a task and, of several, one of their average. */
    public Table table() {
        var rows = results.rows().stream().filter(r -> !r.equals(baseline)).toList();
        var table =
                Table.create(
                        "test score minus "
                                + baseline
                                + "'s, points [95 % t interval over the seeds]",
                        StringColumn.create("method", rows));
        for (var task : results.tasks()) {
            table.addColumns(
                    StringColumn.create(task, rows.stream().map(r -> text(r, task)).toList()));
        }
        if (results.tasks().size() > 1) {
            table.addColumns(
                    StringColumn.create(
                            "average of the sets",
                            rows.stream()
                                    .map(r -> onAverage(r).map(Leads::text).orElse("-"))
                                    .toList()));
        }
        return table;
    }

    /** Rows whose interval of the difference to another row lies above 0 on a task. */
    public List<String> shownAbove(String other, String task) {
        var floor = results.cell(other, task);
        return results.rows().stream()
                .filter(row -> !row.equals(other))
                .filter(
                        row ->
                                results.cell(row, task)
                                        .minus(floor)
                                        .filter(d -> d.differences().shownSign() > 0)
                                        .isPresent())
                .toList();
    }

    /**
     * What is shown of each method but the baseline and the frozen encoder; complete cells only.
     */
    public List<Verdict> verdicts() {
        var verdicts = new ArrayList<Verdict>();
        for (var row : results.rows()) {
            if (!row.equals(baseline) && !row.equals(Experiment.FROZEN_ENCODER)) {
                var signs =
                        results.tasks().stream()
                                .filter(task -> isComparable(row, task))
                                .map(task -> sign(row, task))
                                .toList();
                verdicts.add(
                        new Verdict(
                                row,
                                (int) signs.stream().filter(s -> s > 0).count(),
                                (int) signs.stream().filter(s -> s < 0).count(),
                                (int) signs.stream().filter(s -> s == 0).count()));
            }
        }
        return verdicts;
    }

    private boolean isComparable(String row, String task) {
        var cell = results.cell(row, task);
        return cell.isComplete()
                && results.baselineOf(cell).filter(ResultCell::isComplete).isPresent();
    }

    /** A method that loses a seed is not ahead on those that are left. */
    private int sign(String row, String task) {
        return on(row, task)
                .filter(d -> d.n() == results.cell(row, task).planned())
                .map(Summary::shownSign)
                .orElse(0);
    }

    /** The verdicts in sentences, with what chance alone would give. */
    public String inWords() {
        var verdicts = verdicts();
        var told = verdicts.stream().filter(v -> v.ahead() + v.behind() > 0).toList();
        int compared = verdicts.stream().mapToInt(Verdict::compared).sum();
        var text = new StringBuilder();
        for (var verdict : told) {
            text.append(
                    String.format(
                            "%s: ahead of %s on %d, behind on %d of %d%n",
                            verdict.method(),
                            baseline,
                            verdict.ahead(),
                            verdict.behind(),
                            verdict.compared()));
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s %d methods: not to be told apart from %s on any task%n%d of %d"
                                + " comparisons leave 0 outside their interval; about %.1f would by"
                                + " chance%n",
                        told.isEmpty() ? "all" : "the other",
                        verdicts.size() - told.size(),
                        baseline,
                        told.stream().mapToInt(v -> v.ahead() + v.behind()).sum(),
                        compared,
                        (1 - Summary.LEVEL) * compared));
        if (results.tasks().size() > 1) {
            text.append("on the average of the tasks: ahead ").append(onAverage(verdicts, 1));
            text.append("; behind ").append(onAverage(verdicts, -1)).append('\n');
        }
        return text.toString();
    }

    private String onAverage(List<Verdict> verdicts, int sign) {
        var rows =
                verdicts.stream()
                        .map(Verdict::method)
                        .filter(m -> onAverage(m).filter(d -> d.shownSign() == sign).isPresent())
                        .toList();
        return rows.isEmpty() ? "none" : String.join("; ", rows);
    }
}
