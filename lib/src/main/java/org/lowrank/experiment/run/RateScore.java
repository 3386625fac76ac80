package org.lowrank.experiment.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.experiment.spec.Cell;
import org.lowrank.experiment.spec.SpecificationException;

/**
 * What a learning rate reached on the validation split: means over the search seeds; a rate at
 * which one seed diverged has no finite score.
 *
 * @param score of the metric, the larger the better (a loss counts negative)
 */
public record RateScore(double learningRate, double score) {

    public boolean isFinite() {
        return Double.isFinite(score);
    }

    /** One score a rate, rates rising. */
    public static List<RateScore> of(CellPlan plan) {
        return of(plan.cell(), plan.search());
    }

    static List<RateScore> of(Cell cell, List<PlannedRun> search) {
        var metric = Planner.searchMetric(cell);
        int sign = Planner.isLoss(cell, metric) ? -1 : 1;
        var scores = new ArrayList<RateScore>();
        var byRate =
                search.stream()
                        .collect(
                                Collectors.groupingBy(
                                        run -> run.config().training().learningRate()));
        byRate.forEach((rate, runs) -> scores.add(new RateScore(rate, sign * mean(runs, metric))));
        scores.sort(Comparator.comparing(RateScore::learningRate));
        return scores;
    }

    /** The rates of the best score, rising; none if no score is finite. */
    static List<Double> best(List<RateScore> scores) {
        double best =
                scores.stream()
                        .filter(RateScore::isFinite)
                        .mapToDouble(RateScore::score)
                        .max()
                        .orElse(Double.NaN);
        return scores.stream()
                .filter(s -> s.score == best)
                .map(RateScore::learningRate)
                .sorted()
                .toList();
    }

    private static double mean(List<PlannedRun> runs, String metric) {
        return runs.stream().mapToDouble(run -> value(run, metric)).average().orElse(Double.NaN);
    }

    private static double value(PlannedRun run, String metric) {
        var validation = run.record().orElseThrow().trainInfo().validation();
        if (validation == null) {
            return Double.NaN;
        }
        var value = validation.metrics().get(metric);
        if (value == null) {
            throw new SpecificationException(
                    "task \"" + run.cell().task().label() + "\"",
                    List.of(
                            "rates are to be chosen by \""
                                    + metric
                                    + "\", which validation rows are not scored by; name another"
                                    + " as search_metric: "
                                    + String.join(", ", validation.metrics().keySet())));
        }
        return value;
    }
}
