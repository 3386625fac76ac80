package org.lowrank.experiment.run;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.engine.Devices;
import org.lowrank.engine.FileFault;
import org.lowrank.engine.Machine;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.record.LossCurve;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.record.RunRecord.Status;
import org.lowrank.experiment.record.Versions;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingResult;

/** A run's record in the making. */
final class RecordDraft {

    private final RunConfig config;
    private final List<RunRecord.Attempt> attempts;
    private final long startedNanos;
    private long resumedAtStep;
    private double secondsBefore;
    private RunRecord.SplitScore validation;
    private RunRecord.SplitScore test;

    /**
     * @param startedNanos from when the time of this process counts, by {@link System#nanoTime},
     *     which is not moved when the clock is set
     */
    RecordDraft(RunConfig config, List<RunRecord.Attempt> attempts, long startedNanos) {
        this.config = config;
        this.startedNanos = startedNanos;
        this.attempts = attempts;
    }

    void resumed(long step, List<StepReport> before) {
        resumedAtStep = step;
        secondsBefore = before.stream().mapToDouble(StepReport::seconds).sum();
    }

    void scored(RunRecord.SplitScore onValidation, RunRecord.SplitScore onTest) {
        validation = onValidation;
        test = onTest;
    }

    RunRecord ended(TrainingResult result, PreparedRun run) {
        var status =
                switch (result.status()) {
                    case FINISHED -> Status.finished;
                    case CANCELLED -> Status.cancelled;
                    case DIVERGED -> Status.diverged;
                };
        var train =
                new RunRecord.TrainInfo(
                        status,
                        result.steps().size(),
                        result.plan().steps(),
                        result.epochs(),
                        result.seconds(),
                        result.peakMemoryBytes(),
                        result.optimizerStateBytes(),
                        result.trainableParameters(),
                        run.totalParameters(),
                        result.optimizer(),
                        run.trained().sha256(),
                        LossCurve.of(result.steps()),
                        result.evaluations().stream()
                                .map(e -> new RunRecord.Evaluation(e.step(), e.metrics()))
                                .toList(),
                        validation,
                        test);
        return new RunRecord(
                info(result.message()),
                train,
                new RunRecord.MetaInfo(run.data(), run.model(), Versions.all(), system()));
    }

    /** Of a run in which nothing moves. */
    RunRecord measured(double seconds, PreparedRun run) {
        var train =
                new RunRecord.TrainInfo(
                        Status.finished,
                        0,
                        0,
                        0.0,
                        seconds,
                        Machine.peakMemory(),
                        0,
                        0,
                        run.totalParameters(),
                        "none: nothing is trained",
                        null,
                        List.of(),
                        List.of(),
                        validation,
                        test);
        return new RunRecord(
                info(null),
                train,
                new RunRecord.MetaInfo(run.data(), run.model(), Versions.all(), system()));
    }

    RunRecord failed(String error) {
        var train =
                new RunRecord.TrainInfo(
                        Status.failed,
                        0,
                        0,
                        0.0,
                        0,
                        -1,
                        0,
                        0,
                        0,
                        null,
                        null,
                        List.of(),
                        List.of(),
                        null,
                        null);
        return new RunRecord(
                info(error),
                train,
                new RunRecord.MetaInfo(Map.of(), Map.of(), Versions.all(), system()));
    }

    /** The machine, the device, and in what numbers the base is computed with there. */
    private Map<String, Object> system() {
        var facts = Devices.describe();
        facts.put("base_dtype", config.precision().name());
        facts.put("adapter_dtype", Precision.float32.name());
        return facts;
    }

    private RunRecord.RunInfo info(String message) {
        var last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
        boolean ours = last != null && last.pid() == ProcessHandle.current().pid();
        double here = ours ? (System.nanoTime() - startedNanos) / 1e9 : 0;
        return new RunRecord.RunInfo(
                config.hash(),
                config.sha256(),
                Instant.now().toString(),
                secondsBefore + here,
                attempts,
                resumedAtStep,
                message,
                config);
    }

    static String describe(Throwable error) {
        var parts = new LinkedHashMap<String, Boolean>();
        for (var e = error; e != null; e = e.getCause()) {
            var said = e instanceof Exception thrown ? FileFault.sentence(thrown) : e.getMessage();
            parts.put(e.getClass().getSimpleName() + ": " + said, true);
        }
        return String.join("; because of ", parts.keySet());
    }
}
