package org.lowrank.experiment.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;

/** How long a run will take, from runs like it: the more alike, the better. */
final class TimeEstimate {

    private final Map<List<Object>, List<Double>> seconds = new HashMap<>();

    /**
     * What a plan still lacks.
     *
     * @param seconds of the runs that are like a finished one, one after the other
     * @param known how many those are
     * @param unknown runs that are like no finished one
     */
    record Left(double seconds, int known, int unknown) {

        private Left plus(int runs, OptionalDouble each) {
            return each.isPresent()
                    ? new Left(seconds + runs * each.getAsDouble(), known + runs, unknown)
                    : new Left(seconds, known, unknown + runs);
        }
    }

    /**
     * The time of all that a plan still lacks.
     *
     * @param others records beside the plan's own to learn from
     */
    static Left left(List<CellPlan> plan, List<RunRecord> others) {
        var estimate = new TimeEstimate();
        others.forEach(estimate::add);
        plan.stream()
                .flatMap(CellPlan::runs)
                .flatMap(r -> r.record().stream())
                .forEach(estimate::add);
        var left = new Left(0, 0, 0);
        for (var cell : plan) {
            var missing = cell.runs().filter(run -> !run.isDone()).map(PlannedRun::config).toList();
            int later = cell.expectedRuns() - (int) cell.runs().count();
            for (var config : missing) {
                left = left.plus(1, estimate.of(config));
            }
            if (later > 0) {
                var like = cell.runs().findFirst().orElseThrow().config();
                left = left.plus(later, estimate.of(like));
            }
        }
        return left;
    }

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
                // the median: a run that stood still with its machine says nothing of the next
                return OptionalDouble.of(
                        like.stream()
                                .sorted()
                                .skip((like.size() - 1) / 2)
                                .findFirst()
                                .orElseThrow());
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
