package org.lowrank.experiment.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.lowrank.engine.CancelledException;
import org.lowrank.engine.Machine;
import org.lowrank.experiment.memory.MemoryNeed;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.MetricsStream;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.linalg.DivergedException;
import org.lowrank.task.Part;
import org.lowrank.train.Checkpoints;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/**
 * Does one run of a folder in this process: from its last checkpoint or from the start, to its
 * record.
 */
public final class RunExecution {

    private final RunFolder folder;
    private final Checkpoints.Interval interval;
    private final long startedNanos;
    private final AtomicBoolean stop = new AtomicBoolean();
    private TrainingListener watcher = new TrainingListener() {};
    private Path adapterFolder;

    /** For a process that does this run and nothing else: its time counts from its start. */
    public RunExecution(RunFolder folder, Checkpoints.Interval interval) {
        this(
                folder,
                interval,
                System.nanoTime()
                        - Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime())
                                .toNanos());
    }

    private RunExecution(RunFolder folder, Checkpoints.Interval interval, long startedNanos) {
        this.folder = folder;
        this.interval = interval;
        this.startedNanos = startedNanos;
    }

    /** For a process that does other things as well: its time counts from now. */
    static RunExecution inThisSession(RunFolder folder, Checkpoints.Interval interval) {
        return new RunExecution(folder, interval, System.nanoTime());
    }

    /** Told of every step. */
    public RunExecution watchedBy(TrainingListener listener) {
        watcher = listener;
        return this;
    }

    /** Where the trained adapter is written, as PEFT has it, before the record is. */
    public RunExecution savingAdapterTo(Path newFolder) {
        adapterFolder = newFolder;
        return this;
    }

    /** Asks the run to write a checkpoint after its present step and to end as cancelled. */
    public void cancel() {
        stop.set(true);
    }

    /**
     * Does the run and leaves its record, also of a failure.
     *
     * @return the record, or nothing if another process works on it
     * @throws IOException if the run was not planned here, or the folder cannot be read or written;
     *     what was there is intact
     */
    public Optional<RunRecord> execute(String hash) throws IOException {
        folder.config(hash); // refuses a wrong name before the lock makes a folder of that name
        var lock = folder.tryLock(hash);
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        try (var held = lock.get()) {
            var fault = folder.fault(hash);
            if (fault.isPresent()) {
                throw new IOException(fault.get()); // what another version left is not overwritten
            }
            folder.removeLeftovers(hash);
            var known = folder.record(hash).filter(r -> r.status().isResult());
            if (known.isPresent()) {
                checkpoints(known.get().runInfo().config()).delete();
                return known;
            }
            var record = attempt(folder.config(hash));
            if (!held.isHeld()) {
                throw new IOException(
                        "the lock of run "
                                + hash
                                + " was taken over while this process stood still; the record is"
                                + " left to the new owner");
            }
            folder.save(record);
            if (record.status().isResult()) {
                checkpoints(record.runInfo().config()).delete();
            }
            return Optional.of(record);
        }
    }

    private RunRecord attempt(RunConfig config) throws IOException {
        var draft =
                new RecordDraft(config, Attempts.of(folder.of(config.hash())).add(), startedNanos);
        PreparedRun prepared;
        try {
            var need = MemoryNeed.of(config);
            if (need.isPresent() && Machine.memory().isPresent()) {
                need.get().requireFits(Machine.memory().getAsLong());
            }
            prepared = PreparedRun.of(config, folder.root());
        } catch (IOException | RuntimeException | Error e) {
            // weights or data that are not there will not be there a second later
            return failed(draft, e);
        }
        try (var run = prepared) {
            return run.trained() == null ? measure(config, run, draft) : train(config, run, draft);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | Error e) {
            return failed(draft, e);
        }
    }

    private static RunRecord failed(RecordDraft draft, Throwable error) {
        error.printStackTrace();
        return draft.failed(RecordDraft.describe(error));
    }

    /** Of a model as it came. */
    private static RunRecord measure(RunConfig config, PreparedRun run, RecordDraft draft) {
        long begun = System.nanoTime();
        score(config, run, List.of(), draft);
        return draft.measured((System.nanoTime() - begun) / 1e9, run);
    }

    private RunRecord train(RunConfig config, PreparedRun run, RecordDraft draft)
            throws IOException {
        var scores = new ArrayList<RunRecord.SplitScore>();
        var checkpoints = checkpoints(config);
        try (var stream = new MetricsStream(folder.metrics(config.hash()))) {
            var loop =
                    new TrainingLoop(
                            run.trained(),
                            run.objective(),
                            () -> {
                                scores.add(run.score(Part.VALIDATION));
                                return scores.get(scores.size() - 1).metrics();
                            },
                            config.training(),
                            config.seed(),
                            List.of(checkpoints, stream, new Canceller(), watcher));
            stream.follow(loop.state());
            var resumed = checkpoints.resume(loop, run.trained());
            resumed.damaged().forEach(problem -> System.err.println("passed over: " + problem));
            draft.resumed(resumed.step(), loop.state().steps());
            var result = loop.run();
            // asked to stop after the very last step: then the run is simply over
            Thread.interrupted();
            if (result.status() == TrainingResult.Status.FINISHED) {
                try {
                    score(config, run, scores, draft);
                    if (adapterFolder != null) {
                        run.saveAdapter(adapterFolder);
                    }
                } catch (CancelledException e) {
                    result = result.cancelled("scores after the last step: " + e.getMessage());
                    checkpoints.ended(result);
                } catch (DivergedException e) {
                    result = result.diverged("scores after the last step: " + e.getMessage());
                }
            }
            return draft.ended(result, run);
        }
    }

    private static void score(
            RunConfig config,
            PreparedRun run,
            List<RunRecord.SplitScore> scores,
            RecordDraft draft) {
        var validation =
                scores.isEmpty() ? run.score(Part.VALIDATION) : scores.get(scores.size() - 1);
        boolean evaluates = config.phase() == RunConfig.Phase.evaluation;
        draft.scored(validation, evaluates ? run.score(Part.TEST) : null);
    }

    private Checkpoints checkpoints(RunConfig config) {
        return new Checkpoints(folder.checkpoints(config.hash()), config.sha256(), interval);
    }

    /** Turns {@link #cancel} into the interrupt that the loop looks for between two steps. */
    private final class Canceller implements TrainingListener {
        @Override
        public void afterStep(StepReport report) {
            if (stop.get()) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
