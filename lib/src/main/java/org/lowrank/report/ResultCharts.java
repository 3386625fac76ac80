package org.lowrank.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.lowrank.experiment.Cell;
import org.lowrank.experiment.CellPlan;
import org.lowrank.experiment.PlannedRun;
import org.lowrank.experiment.RateScore;
import org.lowrank.experiment.Rates;
import org.lowrank.experiment.RunRecord;

/** Charts of a result table; every point comes from a record. */
public final class ResultCharts {

    /** More lines than these cannot be told apart. */
    private static final int MOST_LINES = 16;

    private final ResultTable results;

    public ResultCharts(ResultTable results) {
        this.results = results;
    }

    /**
     * Every chart that the experiment's axes and the runs so far give, by a name for its file: loss
     * curves and rate sweeps of each task, and scores over the numeric axes: lines over one axis, a
     * map of scores and one of lost runs for each method over two. A chart of more than 16 lines is
     * left out.
     */
    public Map<String, IChart> all() {
        var charts = new LinkedHashMap<String, IChart>();
        var axes = numericAxes();
        for (var task : results.tasks()) {
            put(charts, plain(task) + "_loss", lossCurves(task));
            put(charts, plain(task) + "_rates", learningRateSweep(task));
            if (axes.size() == 2) {
                boolean wide = length(axes.get(0)) >= length(axes.get(1));
                var x = axes.get(wide ? 0 : 1);
                var y = axes.get(wide ? 1 : 0);
                for (var method : results.experiment().methods()) {
                    var label = method.label();
                    var name = plain(task) + "_" + plain(label);
                    if (any(label, task, cell -> cell.summary().isPresent())) {
                        charts.put(name + "_map", heatMap(label, task, x, y));
                    }
                    if (any(label, task, cell -> cell.lostShare().isPresent())) {
                        charts.put(name + "_lost", lostMap(label, task, x, y));
                    }
                }
            } else {
                for (var axis : axes) {
                    put(
                            charts,
                            plain(task) + "_over_" + plain(last(axis)),
                            overAxis(task, axis, spansDecades(axis)));
                }
            }
        }
        return charts;
    }

    private static void put(Map<String, IChart> charts, String name, XYChart chart) {
        int lines = chart.getSeriesCollection().size();
        if (lines > 0 && lines <= MOST_LINES) {
            charts.put(name, chart);
        }
    }

    /** The axes of more than one value whose values are all numbers. */
    private List<String> numericAxes() {
        return results.experiment().axes().entrySet().stream()
                .filter(axis -> axis.getValue().size() > 1)
                .filter(axis -> axis.getValue().stream().allMatch(JsonNode::isNumber))
                .map(Map.Entry::getKey)
                .toList();
    }

    private int length(String axis) {
        return results.experiment().axes().get(axis).size();
    }

    /** True if the values of an axis, zero apart, are better read as ratios. */
    private boolean spansDecades(String axis) {
        var positive = values(axis).filter(value -> value > 0).summaryStatistics();
        return values(axis).allMatch(value -> value >= 0)
                && positive.getMax() >= 4 * positive.getMin();
    }

    private DoubleStream values(String axis) {
        return results.experiment().axes().get(axis).stream().mapToDouble(JsonNode::asDouble);
    }

    private boolean any(String method, String task, Predicate<ResultCell> property) {
        return of(task).stream()
                .filter(plan -> plan.cell().method().label().equals(method))
                .anyMatch(plan -> property.test(results.cell(plan.cell().row(), task)));
    }

    /** A label as a part of a file name. */
    static String plain(String label) {
        // AltLoRA and AltLoRA+ are two methods
        return label.replace("+", "Plus").replaceAll("[^A-Za-z0-9]+", "");
    }

    private static String last(String axis) {
        return axis.substring(axis.lastIndexOf('.') + 1);
    }

    /** Training loss over the steps, a line a row, the mean over the seeds of the evaluation. */
    public XYChart lossCurves(String task) {
        var curves = Curves.of(task + ": training loss", "step", "training loss");
        for (var plan : of(task)) {
            var mean = meanLoss(plan.evaluation());
            if (!mean.isEmpty()) {
                curves.add(
                        plan.cell().row(),
                        new ArrayList<>(mean.keySet()),
                        new ArrayList<>(mean.values()));
            }
        }
        return curves.chart();
    }

    private static Map<Long, Double> meanLoss(List<PlannedRun> runs) {
        return runs.stream()
                .flatMap(run -> run.record().stream())
                .filter(record -> record.status() == RunRecord.Status.finished)
                .flatMap(record -> record.trainInfo().metrics().stream())
                .collect(
                        Collectors.groupingBy(
                                RunRecord.Point::step,
                                TreeMap::new,
                                Collectors.averagingDouble(RunRecord.Point::loss)));
    }

    /**
     * Validation score over the learning rate on a logarithmic axis, a line a row; rates that
     * diverged are left out.
     */
    public XYChart learningRateSweep(String task) {
        var metric = results.cell(results.rows().get(0), task).metric();
        var curves =
                Curves.of(task + ": choice of the rate", "learning rate", "validation " + metric);
        for (var plan : of(task)) {
            if (plan.choice().isEmpty()) {
                continue;
            }
            var scores =
                    RateScore.of(plan.search(), metric).stream()
                            .filter(RateScore::isFinite)
                            .toList();
            if (!scores.isEmpty()) {
                curves.add(
                        plan.cell().row(),
                        scores.stream().map(RateScore::learningRate).toList(),
                        scores.stream().map(RateScore::score).toList());
            }
        }
        var chart = points(curves, true);
        chart.getStyler().setXAxisTickLabelsFormattingFunction(ResultCharts::decade);
        return chart;
    }

    /**
     * Test score over one numeric axis of the experiment, a line a method and value of other axes.
     *
     * @param axis the path of the axis, for example {@code adapter.rank}
     * @param logarithmic true for an axis of ratios; a value 0 then stands two decades to the left
     *     of the smallest other one
     */
    public XYChart overAxis(String task, String axis, boolean logarithmic) {
        var metric = results.cell(results.rows().get(0), task).metric();
        var name = last(axis);
        var curves = Curves.of(task + " over " + name, name, "test " + metric + " (%)");
        var lines = new LinkedHashMap<String, TreeMap<Double, Double>>();
        double zero =
                logarithmic ? values(axis).filter(value -> value > 0).min().orElse(1) / 100 : 0;
        for (var plan : of(task)) {
            double x = value(plan, axis) == 0 ? zero : value(plan, axis);
            results.cell(plan.cell().row(), task)
                    .summary()
                    .ifPresent(
                            summary ->
                                    lines.computeIfAbsent(
                                                    line(plan, axis), label -> new TreeMap<>())
                                            .put(x, summary.mean()));
        }
        lines.forEach(
                (label, points) ->
                        curves.add(
                                label,
                                new ArrayList<>(points.keySet()),
                                new ArrayList<>(points.values())));
        var chart = points(curves, logarithmic);
        if (logarithmic) {
            chart.getStyler()
                    .setXAxisTickLabelsFormattingFunction(
                            x ->
                                    near(x, zero)
                                            ? "0"
                                            : values(axis).anyMatch(value -> near(x, value))
                                                    ? Rates.text(x)
                                                    : decade(x));
        }
        return chart;
    }

    /** Full decades as people write them; the ticks between them have no label. */
    private static String decade(double x) {
        return near(x, Math.pow(10, Math.rint(Math.log10(x)))) ? Rates.text(x) : "";
    }

    private static boolean near(double x, double value) {
        return Math.abs(x - value) < 1e-6 * x;
    }

    /** Few points, which a marker shows, and lines that may end in any corner. */
    private static XYChart points(Curves curves, boolean logarithmic) {
        var chart = curves.chart();
        chart.getStyler().setXAxisLogarithmic(logarithmic);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setMarkerSize(7);
        chart.getSeriesCollection()
                .forEach(
                        line -> {
                            line.setMarker(SeriesMarkers.CIRCLE);
                            line.setMarkerColor(line.getLineColor());
                        });
        return chart;
    }

    /**
     * Test score of one method over two numeric axes of the experiment, as a heat map; a place
     * without a finished run stays empty.
     */
    public HeatMapChart heatMap(String method, String task, String xAxis, String yAxis) {
        // one scale for all methods of a task, so that their maps can be laid side by side
        var scores =
                of(task).stream()
                        .flatMap(p -> results.cell(p.cell().row(), task).summary().stream())
                        .mapToDouble(Summary::mean)
                        .summaryStatistics();
        return HeatMap.of(
                method + " on " + task + ": test score (%)",
                last(xAxis).replace('_', ' '),
                last(yAxis).replace('_', ' '),
                places(
                        method,
                        task,
                        xAxis,
                        yAxis,
                        cell -> cell.summary().map(Summary::mean).orElse(Double.NaN)),
                scores.getCount() == 0 ? 0 : Math.floor(scores.getMin()),
                scores.getCount() == 0 ? 1 : Math.ceil(scores.getMax()));
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

    /** A method's cells by the values of the axes: y, then x. */
    private TreeMap<Double, TreeMap<Double, Double>> places(
            String method,
            String task,
            String xAxis,
            String yAxis,
            ToDoubleFunction<ResultCell> shown) {
        var rows = new TreeMap<Double, TreeMap<Double, Double>>();
        for (var plan : of(task)) {
            if (plan.cell().method().label().equals(method)) {
                rows.computeIfAbsent(value(plan, yAxis), y -> new TreeMap<>())
                        .put(
                                value(plan, xAxis),
                                shown.applyAsDouble(results.cell(plan.cell().row(), task)));
            }
        }
        return rows;
    }

    private static String line(CellPlan plan, String without) {
        var text = new StringBuilder(plan.cell().method().label());
        plan.cell()
                .axes()
                .forEach(
                        (axis, value) -> {
                            if (!axis.equals(without)) {
                                text.append(", ").append(last(axis)).append(' ');
                                text.append(Cell.text(value));
                            }
                        });
        return text.toString();
    }

    private static double value(CellPlan plan, String axis) {
        var value = plan.cell().axes().get(axis);
        if (value == null || !value.isNumber()) {
            throw new IllegalArgumentException(
                    "the experiment has no numeric axis "
                            + axis
                            + "; its axes are "
                            + plan.cell().axes());
        }
        return value.asDouble();
    }

    private List<CellPlan> of(String task) {
        return results.plan().stream().filter(p -> p.cell().task().label().equals(task)).toList();
    }
}
