package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.lowrank.experiment.record.FileTail;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.train.Checkpoints;

/**
 * A run in this process, for names that only this session knows. One at a time: the engine's random
 * source is the process's own. What kills it kills the session.
 */
final class SessionJob implements Job {

    private final PlannedRun run;
    private final Path metrics;
    private final RunExecution execution;
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private volatile String lastWords = "nothing";

    private SessionJob(PlannedRun run, RunFolder folder, Duration checkpointEvery) {
        this.run = run;
        metrics = folder.metrics(run.hash());
        var interval = new Checkpoints.Interval(0, checkpointEvery);
        execution = RunExecution.inThisSession(folder, interval);
    }

    static SessionJob start(PlannedRun run, RunFolder folder, EngineOptions options)
            throws IOException {
        folder.request(run.config());
        var job = new SessionJob(run, folder, options.checkpointEvery());
        var thread = new Thread(job::work, "run " + run.hash());
        thread.setDaemon(true);
        thread.start();
        return job;
    }

    private void work() {
        int code = ExitCode.ERROR;
        try {
            code = ExitCode.of(execution.execute(run.hash()));
        } catch (IOException | RuntimeException | Error e) {
            lastWords = RecordDraft.describe(e);
        } finally {
            end.complete(code);
        }
    }

    @Override
    public PlannedRun run() {
        return run;
    }

    @Override
    public EngineStatus.Running status() {
        var position = FileTail.Position.of(metrics);
        return new EngineStatus.Running(
                run.label() + " (in this process)", position.step(), position.totalSteps());
    }

    @Override
    public void stop() {
        execution.cancel();
    }

    @Override
    public void await(long seconds) throws InterruptedException {
        try {
            end.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // a thread cannot be ended by force: it ends after its present step
        }
    }

    @Override
    public void onEnd(Runnable then) {
        end.thenRun(then);
    }

    @Override
    public int exitCode() {
        return end.getNow(ExitCode.ERROR);
    }

    @Override
    public String lastWords() {
        return lastWords;
    }
}
