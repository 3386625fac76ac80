package org.lowrank.report.chart;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.config.FileNames;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.RateScore;
import org.lowrank.experiment.spec.Rates;
import org.lowrank.report.ResultCell;
import org.lowrank.report.ResultTable;

/** Charts of a result table; every point comes from a record. */
public final class ResultCharts {

    /** More lines than these cannot be told apart. */
    private static final int MOST_LINES = 16;

    private static final int LOSS_POINTS = 16;

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
        var axes = new AxisCharts(results);
        var names = FileNames.parts(results.tasks());
        for (var task : results.tasks()) {
            var name = names.get(task);
            put(charts, name + "_loss", lossCurves(task));
            put(charts, name + "_rates", learningRateSweep(task));
            axes.all(task).forEach((over, chart) -> put(charts, name + "_" + over, chart));
        }
        return charts;
    }

    private static void put(Map<String, IChart> charts, String name, IChart chart) {
        int lines = chart instanceof XYChart xy ? xy.getSeriesCollection().size() : 1;
        if (lines > 0 && lines <= MOST_LINES) {
            charts.put(name, chart);
        }
    }

    /**
     * Training loss over the steps, a line a row: the mean over the seeds of the evaluation and
     * over a sixteenth of the steps a point. With a baseline it is the loss minus the baseline's at
     * the same step of the same seed, that is on the same sentences.
     */
    public XYChart lossCurves(String task) {
        var losses = TrainingLosses.of(results.plan(task));
        var baseline = results.experiment().baseline();
        var curves =
                Curves.of(
                        task + ": training loss, means of " + LOSS_POINTS + " parts of the run",
                        "step",
                        baseline == null ? "loss" : "loss minus that of " + baseline);
        for (var row : losses.rows()) {
            var bySteps =
                    baseline == null
                            ? losses.mean(row)
                            : losses.minus(row, comparedWith(row, task));
            var curve = TrainingLosses.means(bySteps, LOSS_POINTS);
            if (!curve.isEmpty()) {
                curves.add(row, List.copyOf(curve.keySet()), List.copyOf(curve.values()));
            }
        }
        var chart = curves.markPoints().chart();
        chart.getStyler().setXAxisMin(0.0).setYAxisTickLabelsFormattingFunction(Rates::text);
        return chart;
    }

    /**
     * {@link #lossCurves} of an experiment with a baseline, a small chart a row, all of one scale;
     * the grey line is the baseline.
     *
     * @throws IllegalArgumentException if no row has a run that is over
     */
    public Panels lossPanels(String task) {
        var whole = lossCurves(task);
        var lines = List.copyOf(whole.getSeriesCollection());
        var baseline = results.experiment().baseline();
        var losses = Curves.heights(lines);
        double margin = 0.05 * (losses.getMax() - losses.getMin());
        var charts = new ArrayList<XYChart>();
        for (var line : lines) {
            if (line.getName().equals(baseline)) {
                continue;
            }
            var panel =
                    Curves.panel(
                            245, 190, line.getName(), whole.getXAxisTitle(), whole.getYAxisTitle());
            var steps = Arrays.stream(line.getXData()).boxed().toList();
            var values = Arrays.stream(line.getYData()).boxed().toList();
            panel.addIn(Curves.COLOURS.get(0), line.getName(), steps, values);
            panel.addIn(ChartStyle.INK, baseline, steps, steps.stream().map(s -> 0).toList());
            var styler = panel.chart().getStyler();
            styler.setXAxisMin(0.0).setYAxisTickLabelsFormattingFunction(Rates::text);
            styler.setYAxisMin(losses.getMin() - margin).setYAxisMax(losses.getMax() + margin);
            charts.add(panel.chart());
        }
        return Panels.of(
                "%s: %s, over the steps".formatted(task, "training " + whole.getYAxisTitle()),
                charts,
                4,
                Map.of());
    }

    /** The baseline's row at the same values of the axes; for the baseline the row itself. */
    private String comparedWith(String row, String task) {
        return results.baselineOf(results.cell(row, task)).map(ResultCell::row).orElse(row);
    }

    /**
     * Validation score over the learning rate on a logarithmic axis, a line a row; rates that
     * diverged are left out.
     */
    public XYChart learningRateSweep(String task) {
        var plans = results.plan(task);
        var metric = Planner.searchMetric(plans.get(0).cell());
        boolean isLoss = Planner.isLoss(plans.get(0).cell(), metric);
        var curves =
                Curves.of(
                        task + ": choice of the rate",
                        "learning rate",
                        "validation " + ResultCell.inWords(metric));
        for (var plan : plans) {
            if (plan.choice().isEmpty()) {
                continue;
            }
            var scores = RateScore.of(plan).stream().filter(RateScore::isFinite).toList();
            if (!scores.isEmpty()) {
                curves.add(
                        plan.cell().row(),
                        scores.stream().map(RateScore::learningRate).toList(),
                        scores.stream().map(s -> isLoss ? -s.score() : s.score()).toList());
            }
        }
        var chart = curves.markPoints().logarithmicX(new RatioAxis()).chart();
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Rates::text);
        return chart;
    }

    /** How far from its best a method's panel reaches, in points; of losses in nats. */
    private static final double DEPTH = 20;

    private static final double NATS = 1;

    /**
     * What the search saw, a small chart a method and a colour a task: validation score minus the
     * method's best on that task, in points, over the rate; what lies further below than 20 points
     * is drawn at the edge. Where every task has a loss, it is the loss above the method's least,
     * and 1 is the edge.
     *
     * @throws IllegalArgumentException if no search is over
     */
    public Panels rates() {
        boolean losses =
                results.tasks().stream()
                        .flatMap(task -> results.plan(task).stream())
                        .map(CellPlan::cell)
                        .allMatch(cell -> Planner.isLoss(cell, Planner.searchMetric(cell)));
        var colours = new LinkedHashMap<String, Color>();
        for (var task : results.tasks()) {
            colours.put(task, Curves.COLOURS.get(colours.size() % 4));
        }
        var charts = new ArrayList<XYChart>();
        for (var row : results.rows()) {
            var panel =
                    Curves.panel(
                            245,
                            160,
                            row,
                            "learning rate",
                            losses ? "above the least" : "points below the best");
            for (var task : results.tasks()) {
                results.plan(task).stream()
                        .filter(p -> p.cell().row().equals(row) && p.choice().isPresent())
                        .forEach(p -> addFromBest(panel, colours.get(task), task, p, losses));
            }
            if (panel.chart().getSeriesCollection().isEmpty()) {
                continue;
            }
            var styler = panel.markPoints().logarithmicX(new RatioAxis()).chart().getStyler();
            styler.setYAxisMin(losses ? -NATS / 20 : -DEPTH - 1);
            styler.setYAxisMax(losses ? NATS * 1.05 : 1.0);
            charts.add(panel.chart());
        }
        var tried =
                charts.stream()
                        .flatMap(chart -> chart.getSeriesCollection().stream())
                        .flatMapToDouble(line -> Arrays.stream(line.getXData()))
                        .summaryStatistics();
        for (var chart : charts) { // one axis for all, so that best rates can be compared
            chart.getStyler().setXAxisMin(tried.getMin()).setXAxisMax(tried.getMax());
        }
        return Panels.of(
                losses
                        ? "Choice of the rate: validation loss above the method's least"
                        : "Choice of the rate: points of validation score below the method's best",
                charts,
                4,
                colours);
    }

    private static void addFromBest(
            Curves panel, Color colour, String task, CellPlan plan, boolean losses) {
        var scores = RateScore.of(plan).stream().filter(RateScore::isFinite).toList();
        if (scores.isEmpty()) {
            return;
        }
        double best = scores.stream().mapToDouble(RateScore::score).max().orElseThrow();
        panel.addIn(
                colour,
                task,
                scores.stream().map(RateScore::learningRate).toList(),
                scores.stream()
                        .map(
                                s ->
                                        losses
                                                ? Math.min(NATS, best - s.score())
                                                : Math.max(-DEPTH, 100 * (s.score() - best)))
                        .toList());
    }
}
