package org.lowrank.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.lowrank.experiment.PlannedRun;
import org.lowrank.experiment.RateScore;
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
        var axes = new AxisCharts(results);
        for (var task : results.tasks()) {
            put(charts, plain(task) + "_loss", lossCurves(task));
            put(charts, plain(task) + "_rates", learningRateSweep(task));
            axes.all(task).forEach((name, chart) -> put(charts, plain(task) + "_" + name, chart));
        }
        return charts;
    }

    private static void put(Map<String, IChart> charts, String name, IChart chart) {
        int lines = chart instanceof XYChart xy ? xy.getSeriesCollection().size() : 1;
        if (lines > 0 && lines <= MOST_LINES) {
            charts.put(name, chart);
        }
    }

    /** A label as a part of a file name. */
    static String plain(String label) {
        // AltLoRA and AltLoRA+ are two methods
        return label.replace("+", "Plus").replaceAll("[^A-Za-z0-9]+", "");
    }

    /** Training loss over the steps, a line a row, the mean over the seeds of the evaluation. */
    public XYChart lossCurves(String task) {
        var curves = Curves.of(task + ": training loss", "step", "training loss");
        for (var plan : results.plan(task)) {
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
        for (var plan : results.plan(task)) {
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
        return curves.markPoints().logarithmicX(new RatioAxis()).chart();
    }
}
