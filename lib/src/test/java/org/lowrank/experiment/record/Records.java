package org.lowrank.experiment.record;

import java.util.List;
import java.util.Map;
import org.lowrank.experiment.record.RunRecord.Status;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.RunConfig;

/** Records with scores of one's choice, for tests of what is made from records. */
public final class Records {

    private Records() {}

    /** A finished run with this accuracy on both splits; NaN for one that diverged. */
    public static RunRecord of(RunConfig config, double validation, double test) {
        return of(config, validation, test, Map.of("no", 10L, "yes", 10L));
    }

    /** The same with the predicted classes of the test split. */
    public static RunRecord of(
            RunConfig config, double validation, double test, Map<String, Long> predicted) {
        boolean diverged = Double.isNaN(validation);
        boolean evaluates = config.phase() == RunConfig.Phase.evaluation && !diverged;
        return new RunRecord(
                new RunRecord.RunInfo(
                        config.hash(), config.sha256(), "", 10, List.of(), 0, null, config),
                new RunRecord.TrainInfo(
                        diverged ? Status.diverged : Status.finished,
                        4,
                        4,
                        1.0,
                        1,
                        0,
                        0,
                        1,
                        1,
                        "",
                        "",
                        List.of(
                                new RunRecord.Point(2, 1, 0.1, 1),
                                new RunRecord.Point(4, 0.5, 0.1, 1)),
                        List.of(),
                        diverged ? null : score(validation, predicted),
                        evaluates ? score(test, predicted) : null),
                new RunRecord.MetaInfo(Map.of(), Map.of(), Map.of(), Map.of()));
    }

    private static RunRecord.SplitScore score(double accuracy, Map<String, Long> predicted) {
        return new RunRecord.SplitScore(
                Map.of("accuracy", accuracy), Map.of("accuracy", 0.5), predicted);
    }

    /** Does every run that a plan lacks as {@code outcome} says, until nothing is missing. */
    public static void finish(Planner planner, RunFolder folder, Outcome outcome)
            throws java.io.IOException {
        while (true) {
            var missing =
                    planner.plan().stream()
                            .flatMap(CellPlan::runs)
                            .filter(run -> !run.isDone())
                            .toList();
            if (missing.isEmpty()) {
                return;
            }
            for (var run : missing) {
                folder.save(outcome.of(run));
            }
        }
    }

    /** What becomes of a run. */
    @FunctionalInterface
    public interface Outcome {
        RunRecord of(PlannedRun run);
    }
}
