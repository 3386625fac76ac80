package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.spec.Cell;
import org.lowrank.experiment.spec.Variant;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** One task of an experiment as a table: a row a method, a column a setting of its axes. */
public final class SettingTable {

    private final ResultTable results;
    private final String task;

    public SettingTable(ResultTable results, String task) {
        this.results = results;
        this.task = task;
    }

    /**
     * The table.
     *
     * @param text what stands in a cell, see {@link #score} and {@link #rate}
     */
    public Table of(String title, Function<ResultCell, String> text) {
        var methods = results.experiment().methods().stream().map(Variant::label).toList();
        var table = Table.create(title, StringColumn.create("method", methods));
        for (var setting : settings()) {
            table.addColumns(
                    StringColumn.create(
                            setting,
                            methods.stream().map(m -> text.apply(cell(m, setting))).toList()));
        }
        return table;
    }

    /** The settings of the axes as the columns name them, in the order of the experiment. */
    public List<String> settings() {
        return results.plan(task).stream().map(plan -> setting(plan.cell())).distinct().toList();
    }

    /**
     * The cell of a method at a setting.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ResultCell cell(String method, String setting) {
        return results.plan(task).stream()
                .map(CellPlan::cell)
                .filter(c -> c.method().label().equals(method) && setting(c).equals(setting))
                .map(c -> results.cell(c.row(), task))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no cell of %s at %s; the settings are %s"
                                                .formatted(method, setting, settings())));
    }

    /** Mean ± standard deviation over the seeds, with ↕ for a rate at the edge of those tried. */
    public static String score(ResultCell cell) {
        return cell.summary()
                .map(
                        s ->
                                (s.n() == 1
                                                ? String.format(Locale.ROOT, "%.1f", s.mean())
                                                : String.format(
                                                        Locale.ROOT,
                                                        "%.1f ± %.1f",
                                                        s.mean(),
                                                        s.standardDeviation()))
                                        + ResultFormat.ofSeeds(s.n(), cell.planned())
                                        + edge(cell))
                .orElse("diverged");
    }

    /** The chosen rate. */
    public static String rate(ResultCell cell) {
        return cell.rate().map(c -> Rows.setting(c.learningRate()) + edge(cell)).orElse("-");
    }

    private static String edge(ResultCell cell) {
        return cell.rate().filter(CellPlan.Choice::atEdge).isPresent()
                ? " " + ResultFormat.AT_EDGE
                : "";
    }

    /**
     * Which pairs of settings of a method differ by more than their 95 % interval, seed by seed, a
     * line a method.
     */
    public String toldApart() {
        var text = new StringBuilder(results.experiment().title()).append('\n');
        for (var method : results.experiment().methods()) {
            int pairs = 0;
            var told = new ArrayList<String>();
            for (var x : settings()) {
                for (var y : settings()) {
                    var difference =
                            cell(method.label(), x)
                                    .minus(cell(method.label(), y))
                                    .map(PairedDifference::differences)
                                    .filter(d -> d.interval().known());
                    if (!x.equals(y) && difference.isPresent()) {
                        pairs++;
                        if (difference.get().shownSign() > 0) {
                            told.add(x + " above " + y);
                        }
                    }
                }
            }
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %s: %d of %d pairs told apart, %.1f would be by chance%s%n",
                            method.label(),
                            told.size(),
                            pairs / 2,
                            (1 - Summary.LEVEL) * pairs / 2,
                            told.isEmpty() ? "" : ": " + String.join("; ", told)));
        }
        return text.toString();
    }

    /** The values of a cell's axes as people write them. */
    static String setting(Cell cell) {
        return cell.axes().entrySet().stream()
                .map(
                        axis -> {
                            var value = axis.getValue();
                            if (axis.getKey().equals("adapter.rank")) {
                                return "r = " + Cell.text(value);
                            }
                            if (value.isNumber()) {
                                return Rows.setting(value.asDouble());
                            }
                            if (value.isBoolean()) {
                                var name =
                                        axis.getKey().substring(axis.getKey().lastIndexOf('.') + 1);
                                return value.asBoolean() ? name : "not " + name;
                            }
                            var words = Cell.text(value).toLowerCase(Locale.ROOT).replace('_', ' ');
                            return words.matches("[ab] first")
                                    ? words.substring(0, 1).toUpperCase(Locale.ROOT)
                                            + words.substring(1)
                                    : words;
                        })
                .collect(Collectors.joining(", "));
    }
}
