package org.lowrank.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;

/**
 * What the runs of one cell of a table came to. Scores are in per cent (metric times 100; a loss as
 * it is), on the test split, after the last step.
 *
 * @param row the method and the values of further axes
 * @param task the label of the task
 * @param metric the metric of the scores
 * @param isLoss whether its smaller values are the better ones; it is shown as it is
 * @param scores by seed, of the runs that finished
 * @param rate how the learning rate was found; empty while the search is not over
 * @param searchRuns runs that chose the rate
 * @param planned evaluation runs that there are to be
 * @param diverged evaluation runs whose loss became NaN or infinite
 * @param oneClass finished evaluation runs that said one class for all test rows
 * @param majority the score of one who has learned nothing: who always says the most frequent
 *     class, or the model as it came; empty if there is no such score
 * @param paper the papers' numbers of this cell, checked ones only
 * @param hashes the records that the cell rests on
 */
public record ResultCell(
        String row,
        String task,
        String metric,
        boolean isLoss,
        SortedMap<Long, Double> scores,
        Optional<CellPlan.Choice> rate,
        int searchRuns,
        int planned,
        int diverged,
        int oneClass,
        Optional<Double> majority,
        List<PaperTable.Target> paper,
        List<String> hashes) {

    static ResultCell of(CellPlan plan, String metric, List<PaperTable> references) {
        var cell = plan.cell();
        boolean isLoss = Planner.isLoss(cell, metric);
        double shown = isLoss ? 1 : 100;
        var scores = new TreeMap<Long, Double>();
        int diverged = 0;
        int oneClass = 0;
        for (var run : plan.evaluation()) {
            var info = run.record().map(RunRecord::trainInfo).orElse(null);
            if (info != null && info.status() == RunRecord.Status.diverged) {
                diverged++;
            } else if (info != null && info.test() != null) {
                scores.put(run.config().seed(), shown * info.test().metrics().get(metric));
                oneClass += info.test().predictsOneClass() ? 1 : 0;
            }
        }
        return new ResultCell(
                cell.row(),
                cell.task().label(),
                metric,
                isLoss,
                scores,
                plan.choice(),
                plan.search().size(),
                plan.expectedEvaluations(),
                diverged,
                oneClass,
                majority(plan, metric, shown),
                targets(plan, references),
                hashes(plan));
    }

    private static Optional<Double> majority(CellPlan plan, String metric, double shown) {
        return plan.evaluation().stream()
                .flatMap(run -> run.record().stream())
                .map(record -> record.trainInfo().test())
                .filter(test -> test != null && test.majority().containsKey(metric))
                .map(test -> shown * test.majority().get(metric))
                .findFirst();
    }

    private static List<PaperTable.Target> targets(CellPlan plan, List<PaperTable> references) {
        var cell = plan.cell();
        var rank = cell.template().at("/adapter/rank");
        return references.stream()
                .flatMap(
                        table ->
                                table
                                        .target(
                                                cell.method().paper(),
                                                cell.task().paper(),
                                                rank.isInt() ? rank.intValue() : null)
                                        .stream())
                .toList();
    }

    private static List<String> hashes(CellPlan plan) {
        var hashes = new ArrayList<String>();
        Stream.concat(plan.search().stream(), plan.evaluation().stream())
                .filter(PlannedRun::isDone)
                .map(PlannedRun::hash)
                .forEach(hashes::add);
        return hashes;
    }

    /** The metric as people write it. */
    public String metricInWords() {
        return inWords(metric);
    }

    /** A metric as people write it. */
    public static String inWords(String metric) {
        return metric.replace("nll", "NLL").replace('_', ' ');
    }

    /** Mean, spread and interval over the seeds, empty if no run finished. */
    public Optional<Summary> summary() {
        return scores.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Summary.of(
                                scores.values().stream()
                                        .mapToDouble(Double::doubleValue)
                                        .toArray()));
    }

    /**
     * Runs that came to nothing: the loss became NaN or infinite, one class is said for all test
     * rows, or, where the metric is a loss, the test loss ended above that of the model as it came.
     */
    public int lost() {
        long worse = scores.values().stream().filter(this::isAboveUntaught).count();
        return diverged + oneClass + (int) worse;
    }

    private boolean isAboveUntaught(double score) {
        return isLoss && majority.isPresent() && score > majority.get();
    }

    /** The share of the runs that are {@link #lost}, in per cent; empty if no run is over. */
    public OptionalDouble lostShare() {
        int over = scores.size() + diverged;
        return over == 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * lost() / over);
    }

    /** This minus a baseline, seed by seed; empty if no seed is in both. */
    public Optional<PairedDifference> minus(ResultCell baseline) {
        return scores.keySet().stream().anyMatch(baseline.scores.keySet()::contains)
                ? Optional.of(PairedDifference.of(scores, baseline.scores))
                : Optional.empty();
    }

    /** True if every run that there is to be is over. */
    public boolean isComplete() {
        return rate.isPresent() && scores.size() + diverged == planned;
    }
}
