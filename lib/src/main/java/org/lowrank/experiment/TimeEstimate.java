package org.lowrank.experiment;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** How long a run will take, from runs like it: the more alike, the better. */
final class TimeEstimate {

    private final Map<List<Object>, List<Double>> seconds = new HashMap<>();

    /**
     * Seconds of all that a plan still lacks, one after the other; nothing if a run of it is like
     * no finished one.
     *
     * @param others records beside the plan's own to learn from
     */
    static OptionalDouble left(List<CellPlan> plan, List<RunRecord> others) {
        var estimate = new TimeEstimate();
        others.forEach(estimate::add);
        plan.stream()
                .flatMap(CellPlan::runs)
                .flatMap(r -> r.record().stream())
                .forEach(estimate::add);
        double sum = 0;
        for (var cell : plan) {
            var missing = cell.runs().filter(run -> !run.isDone()).map(PlannedRun::config).toList();
            int later = cell.expectedRuns() - (int) cell.runs().count();
            for (var config : missing) {
                sum += estimate.of(config).orElse(Double.NaN);
            }
            if (later > 0) {
                var like = cell.runs().findFirst().orElseThrow().config();
                sum += later * estimate.of(like).orElse(Double.NaN);
            }
        }
        return Double.isNaN(sum) ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }

    /** Learns from a finished run. */
    void add(RunRecord record) {
        if (record.status() == RunRecord.Status.finished) {
            for (var key : keys(record.runInfo().config())) {
                seconds.computeIfAbsent(key, k -> new ArrayList<>())
                        .add(record.runInfo().totalTime());
            }
        }
    }

    /** Seconds of a run, nothing if no run of its task and model was finished. */
    OptionalDouble of(RunConfig config) {
        for (var key : keys(config)) {
            var like = seconds.get(key);
            if (like != null) {
                return like.stream().mapToDouble(Double::doubleValue).average();
            }
        }
        return OptionalDouble.empty();
    }

    private static List<List<Object>> keys(RunConfig config) {
        var training = config.training();
        List<Object> rough =
                List.of(
                        config.task(),
                        config.model(),
                        training.batchSize(),
                        training.epochs(),
                        training.steps());
        return List.of(
                List.of(rough, config.adapter(), config.optimizer(), config.phase()),
                List.of(rough, config.adapter().layer(), config.optimizer().name()),
                List.of(rough));
    }
}
