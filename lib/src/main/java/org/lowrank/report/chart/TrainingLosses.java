package org.lowrank.report.chart;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.CellPlan;

/**
 * Training losses of one task by row, seed and step. A seed gives all methods the same batches in
 * the same order, so the difference of two losses at one step is one of methods, where either loss
 * alone is mostly one of sentences.
 */
final class TrainingLosses {

    private final Map<String, Map<Long, SortedMap<Long, Double>>> byRow = new LinkedHashMap<>();

    /** The losses of the evaluation's runs that finished. */
    static TrainingLosses of(List<CellPlan> cells) {
        var losses = new TrainingLosses();
        for (var plan : cells) {
            for (var run : plan.evaluation()) {
                run.record()
                        .filter(record -> record.status() == RunRecord.Status.finished)
                        .ifPresent(
                                record ->
                                        losses.add(
                                                plan.cell().row(),
                                                run.config().seed(),
                                                record.trainInfo().metrics()));
            }
        }
        return losses;
    }

    void add(String row, long seed, List<RunRecord.Point> points) {
        var bySeed = byRow.computeIfAbsent(row, r -> new TreeMap<>());
        var bySteps = bySeed.computeIfAbsent(seed, s -> new TreeMap<>());
        points.forEach(point -> bySteps.put(point.step(), point.loss()));
    }

    Set<String> rows() {
        return byRow.keySet();
    }

    /** The loss by step, the mean over the seeds. */
    SortedMap<Long, Double> mean(String row) {
        return byRow.getOrDefault(row, Map.of()).values().stream()
                .flatMap(losses -> losses.entrySet().stream())
                .collect(meanByStep());
    }

    /**
     * The loss of a row minus another's at the same step of the same seed, the mean over the seeds;
     * steps and seeds that one of them lacks are left out.
     */
    SortedMap<Long, Double> minus(String row, String baseline) {
        var theirs = byRow.getOrDefault(baseline, Map.of());
        return byRow.getOrDefault(row, Map.of()).entrySet().stream()
                .filter(bySeed -> theirs.containsKey(bySeed.getKey()))
                .flatMap(
                        bySeed -> {
                            var other = theirs.get(bySeed.getKey());
                            return bySeed.getValue().entrySet().stream()
                                    .filter(point -> other.containsKey(point.getKey()))
                                    .map(
                                            point ->
                                                    Map.entry(
                                                            point.getKey(),
                                                            point.getValue()
                                                                    - other.get(point.getKey())));
                        })
                .collect(meanByStep());
    }

    /** The means of equal parts of a curve, each at the last step of its part. */
    static SortedMap<Long, Double> means(SortedMap<Long, Double> curve, int parts) {
        var points = List.copyOf(curve.entrySet());
        int count = Math.min(parts, points.size());
        var means = new TreeMap<Long, Double>();
        for (int i = 0; i < count; i++) {
            var part = points.subList(i * points.size() / count, (i + 1) * points.size() / count);
            means.put(
                    part.get(part.size() - 1).getKey(),
                    part.stream().mapToDouble(Map.Entry::getValue).average().orElseThrow());
        }
        return means;
    }

    private static Collector<Map.Entry<Long, Double>, ?, TreeMap<Long, Double>> meanByStep() {
        return Collectors.groupingBy(
                Map.Entry::getKey, TreeMap::new, Collectors.averagingDouble(Map.Entry::getValue));
    }
}
