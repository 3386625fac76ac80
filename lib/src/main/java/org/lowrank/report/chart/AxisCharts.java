package org.lowrank.report.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.config.FileNames;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.spec.Cell;
import org.lowrank.experiment.spec.Variant;
import org.lowrank.report.ResultCell;
import org.lowrank.report.ResultTable;
import org.lowrank.report.Summary;

/**
 * Charts of the test scores over the numeric axes of an experiment; every point comes from a
 * record.
 */
public final class AxisCharts {

    private final ResultTable results;

    public AxisCharts(ResultTable results) {
        this.results = results;
    }

    /**
     * The charts of one task that the axes and the runs so far give, by a name for a file: lines
     * over each axis, or, over two, a map of scores and one of lost runs for each method.
     */
    Map<String, IChart> all(String task) {
        var axes = numericAxes();
        var charts = new LinkedHashMap<String, IChart>();
        if (axes.size() != 2) {
            var names = FileNames.parts(axes.stream().map(AxisCharts::last).toList());
            for (var axis : axes) {
                boolean alone =
                        axes.stream().map(AxisCharts::last).filter(last(axis)::equals).count() == 1;
                charts.put(
                        "over_" + (alone ? names.get(last(axis)) : FileNames.of(axis)),
                        overAxis(task, axis, RatioAxis.suits(values(axis))));
            }
            return charts;
        }
        boolean wide = values(axes.get(0)).length >= values(axes.get(1)).length;
        var x = axes.get(wide ? 0 : 1);
        var y = axes.get(wide ? 1 : 0);
        var methods = results.experiment().methods().stream().map(Variant::label).toList();
        var names = FileNames.parts(methods);
        for (var label : methods) {
            var name = names.get(label);
            if (any(label, task, cell -> cell.summary().isPresent())) {
                charts.put(name + "_map", heatMap(label, task, x, y));
            }
            if (any(label, task, cell -> cell.lostShare().isPresent())) {
                charts.put(name + "_lost", lostMap(label, task, x, y));
            }
        }
        return charts;
    }

    /** The axes of more than one value whose values are all numbers. */
    private List<String> numericAxes() {
        return results.experiment().axes().entrySet().stream()
                .filter(axis -> axis.getValue().size() > 1)
                .filter(axis -> axis.getValue().stream().allMatch(JsonNode::isNumber))
                .map(Map.Entry::getKey)
                .toList();
    }

    private double[] values(String axis) {
        requireNumeric(axis);
        return results.experiment().axes().get(axis).stream()
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private boolean any(String method, String task, Predicate<ResultCell> property) {
        return results.plan(task).stream()
                .filter(plan -> plan.cell().method().label().equals(method))
                .anyMatch(plan -> property.test(results.cell(plan.cell().row(), task)));
    }

    private static String last(String axis) {
        return axis.substring(axis.lastIndexOf('.') + 1);
    }

    /**
     * Test score over one numeric axis of the experiment, a line a method and value of other axes.
     *
     * @param axis the path of the axis, for example {@code adapter.rank}
     * @param logarithmic true for an axis of ratios; a value 0 then stands two decades to the left
     *     of the smallest other one
     * @throws IllegalArgumentException if the experiment has no such axis of numbers
     */
    public XYChart overAxis(String task, String axis, boolean logarithmic) {
        var name = last(axis);
        var ratios = new RatioAxis(values(axis));
        var lines = new LinkedHashMap<String, TreeMap<Double, Summary>>();
        for (var plan : results.plan(task)) {
            double value = value(plan, axis);
            double x = logarithmic ? ratios.place(value) : value;
            var line = line(plan, axis);
            var summary = results.cell(plan.cell().row(), task).summary();
            summary.ifPresent(s -> lines.computeIfAbsent(line, l -> new TreeMap<>()).put(x, s));
        }
        var curves = Curves.of(task + " over " + name, name, scale(task).quantity());
        lines.forEach((label, points) -> curves.addMeans(label, points));
        curves.markPoints();
        if (logarithmic) {
            curves.logarithmicX(ratios);
        }
        return curves.chart();
    }

    private ScoreScale scale(String task) {
        return ScoreScale.of(results.cell(results.rows().get(0), task));
    }

    /**
     * As {@link #overAxis}, a small chart a method: its mean over the seeds with 95 % intervals,
     * and the baseline's means as a grey line behind. All have one scale, which holds every mean;
     * an interval may leave it.
     *
     * @throws IllegalArgumentException if the experiment has no such axis of numbers
     */
    public Panels panels(String task, String axis, boolean logarithmic) {
        var whole = overAxis(task, axis, logarithmic);
        var ratios = new RatioAxis(values(axis));
        var baseline = results.experiment().baseline();
        var lines = List.copyOf(whole.getSeriesCollection());
        var means = Curves.heights(lines);
        double margin = 0.08 * (means.getMax() - means.getMin());
        var charts = new ArrayList<XYChart>();
        int number = 0;
        for (var line : lines) {
            var panel =
                    Curves.panel(
                            310, 190, line.getName(), whole.getXAxisTitle(), whole.getYAxisTitle());
            if (logarithmic) {
                panel.logarithmicX(ratios);
            }
            var colour = Curves.COLOURS.get(number++ % 4);
            lines.stream()
                    .filter(l -> l.getName().equals(baseline) && l != line)
                    .forEach(
                            l ->
                                    panel.addIn(
                                            ChartStyle.INK,
                                            baseline,
                                            list(l.getXData()),
                                            list(l.getYData())));
            panel.addIn(
                            colour,
                            line.getName(),
                            list(line.getXData()),
                            list(line.getYData()),
                            list(line.getExtraValues()))
                    .markPoints();
            var styler = panel.chart().getStyler();
            styler.setYAxisMin(means.getMin() - margin).setYAxisMax(means.getMax() + margin);
            charts.add(panel.chart());
        }
        return Panels.of(
                "%s over %s: %s, mean and 95 %% interval"
                        .formatted(task, last(axis).replace('_', ' '), whole.getYAxisTitle()),
                charts,
                3,
                baseline == null
                        ? Map.of()
                        : Map.of(baseline + ", in grey behind", ChartStyle.INK));
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static String line(CellPlan plan, String without) {
        var text = new StringBuilder(plan.cell().method().label());
        for (var axis : plan.cell().axes().entrySet()) {
            if (!axis.getKey().equals(without)) {
                text.append(", ").append(last(axis.getKey())).append(' ');
                text.append(Cell.text(axis.getValue()));
            }
        }
        return text.toString();
    }

    /**
     * Test score of one method over two numeric axes of the experiment, as a heat map; a place
     * without a finished run stays empty.
     */
    public HeatMapChart heatMap(String method, String task, String xAxis, String yAxis) {
        // one scale for all methods of a task, so that their maps can be laid side by side
        var scores =
                results.plan(task).stream()
                        .flatMap(p -> results.cell(p.cell().row(), task).summary().stream())
                        .mapToDouble(Summary::mean)
                        .summaryStatistics();
        return HeatMap.of(
                method + " on " + task + ": " + scale(task).title(),
                last(xAxis).replace('_', ' '),
                last(yAxis).replace('_', ' '),
                places(
                        method,
                        task,
                        xAxis,
                        yAxis,
                        cell -> cell.summary().map(Summary::mean).orElse(Double.NaN)),
                scale(task).low(scores),
                scale(task).high(scores));
    }

    /**
     * The share of one method's runs that are lost, see {@link ResultCell#lostShare}, over two
     * numeric axes of the experiment, as a heat map; a place without a run stays empty.
     */
    public HeatMapChart lostMap(String method, String task, String xAxis, String yAxis) {
        return HeatMap.of(
                method + " on " + task + ": runs that diverged or say one class (%)",
                last(xAxis).replace('_', ' '),
                last(yAxis).replace('_', ' '),
                places(method, task, xAxis, yAxis, cell -> cell.lostShare().orElse(Double.NaN)),
                0,
                100);
    }

    /**
     * The maps of all methods that have runs side by side: of scores, or of the share of lost runs.
     *
     * @throws IllegalArgumentException if no method has
     */
    public Panels maps(String task, String xAxis, String yAxis, boolean lost) {
        var charts = new ArrayList<HeatMapChart>();
        for (var method : results.experiment().methods()) {
            Predicate<ResultCell> shown =
                    cell -> lost ? cell.lostShare().isPresent() : cell.summary().isPresent();
            if (!any(method.label(), task, shown)) {
                continue;
            }
            var map =
                    lost
                            ? lostMap(method.label(), task, xAxis, yAxis)
                            : heatMap(method.label(), task, xAxis, yAxis);
            charts.add(
                    HeatMap.asPanel(
                            map, 490, 190, method.label(), lost ? "0" : scale(task).pattern()));
        }
        return Panels.of(
                task
                        + (lost
                                ? ": runs that diverged or say one class (%)"
                                : ": " + scale(task).title() + ", mean over the seeds"),
                charts,
                2,
                Map.of());
    }

    /** A method's cells by the values of the axes: y, then x. */
    private TreeMap<Double, TreeMap<Double, Double>> places(
            String method,
            String task,
            String xAxis,
            String yAxis,
            ToDoubleFunction<ResultCell> shown) {
        var rows = new TreeMap<Double, TreeMap<Double, Double>>();
        for (var plan : results.plan(task)) {
            if (plan.cell().method().label().equals(method)) {
                rows.computeIfAbsent(value(plan, yAxis), y -> new TreeMap<>())
                        .put(
                                value(plan, xAxis),
                                shown.applyAsDouble(results.cell(plan.cell().row(), task)));
            }
        }
        return rows;
    }

    private double value(CellPlan plan, String axis) {
        requireNumeric(axis);
        return plan.cell().axes().get(axis).asDouble();
    }

    private void requireNumeric(String axis) {
        var axes = results.experiment().axes();
        if (!axes.containsKey(axis) || !axes.get(axis).stream().allMatch(JsonNode::isNumber)) {
            throw new IllegalArgumentException(
                    "the experiment has no numeric axis %s; its axes are %s"
                            .formatted(axis, axes.keySet()));
        }
    }
}
