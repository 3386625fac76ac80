package org.lowrank.experiment.run;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.RunFolder;

/**
 * Does the runs that a table lacks, each in a process of its own: what kills one (a crash, the
 * system short of memory) ends that run alone, which is tried once more. Any number of engines can
 * work on one folder.
 */
public final class LocalEngine {

    private static final int TRIES = 2;
    private static final long TICK_MILLIS = 500;
    private static final long SECONDS_TO_STOP = 120;

    private final Planner planner;
    private final RunFolder folder;
    private final EngineOptions options;
    private final Consumer<EngineStatus> listener;
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final LinkedBlockingQueue<String> exits = new LinkedBlockingQueue<>();
    private final Map<String, Integer> tries = new HashMap<>();
    private final Map<String, EngineStatus.Failed> givenUp = new LinkedHashMap<>();
    private volatile boolean stopping;

    /**
     * @param listener is told where the engine stands, about twice a second
     */
    public LocalEngine(
            Planner planner,
            RunFolder folder,
            EngineOptions options,
            Consumer<EngineStatus> listener) {
        this.planner = planner;
        this.folder = folder;
        this.options = options;
        this.listener = listener;
    }

    /** Asks {@link #run} to stop its workers and to return; they leave checkpoints. */
    public void stop() {
        stopping = true;
    }

    /**
     * Runs until all is done or given up, {@link #stop} was called or the time is over.
     *
     * @return where it stood at the end
     * @throws InterruptedException if the thread was interrupted; the workers were stopped first
     * @throws IOException if the folder cannot be written to; the workers were stopped first
     */
    public EngineStatus run() throws IOException, InterruptedException {
        var end = options.until().map(Instant.now()::plus).orElse(Instant.MAX);
        try {
            while (true) {
                var plan = planner.plan();
                stopping |= Instant.now().isAfter(end);
                if (stopping) {
                    stopWorkers();
                    return status(planner.plan(), 0);
                }
                int elsewhere = startWorkers(plan);
                listener.accept(status(plan, elsewhere));
                if (workers.isEmpty() && elsewhere == 0) {
                    return status(plan, 0);
                }
                awaitChange();
            }
        } finally {
            stopWorkers();
        }
    }

    /** Waits for a worker to end, at most so long that the status stays fresh. */
    private void awaitChange() throws IOException, InterruptedException {
        var ended = exits.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
        while (ended != null) {
            account(workers.remove(ended));
            ended = exits.poll();
        }
    }

    /** Fills the free places; returns the number of runs that others do at the moment. */
    private int startWorkers(List<CellPlan> plan) throws IOException {
        int elsewhere = 0;
        for (var run : plan.stream().flatMap(CellPlan::runs).toList()) {
            if (run.isDone()
                    || workers.containsKey(run.hash())
                    || givenUp.containsKey(run.hash())) {
                continue;
            }
            if (folder.owner(run.hash()).isPresent()) {
                elsewhere++;
            } else if (workers.size() < options.jobs()) {
                tries.merge(run.hash(), 1, Integer::sum);
                var worker = Worker.start(run, folder, options);
                workers.put(run.hash(), worker);
                worker.process().onExit().thenRun(() -> exits.add(run.hash()));
            }
        }
        return elsewhere;
    }

    private void account(Worker worker) throws IOException {
        var run = worker.run();
        int code = worker.process().exitValue();
        if (hasResult(run)) {
            return; // whatever the process ended with after it was saved
        }
        if (code == ExitCode.BUSY || ExitCode.isStop(code)) {
            tries.merge(run.hash(), -1, Integer::sum);
        } else if (stopping) {
            return;
        } else if (code == ExitCode.FAILED_WITH_RECORD) {
            var record = folder.record(run.hash());
            giveUp(run, record.map(r -> r.runInfo().errorMsg()).orElse("no record"));
        } else if (tries.get(run.hash()) >= TRIES) {
            var reason =
                    "the process ended with code "
                            + code
                            + (code == ExitCode.KILLED ? " (killed; out of memory?)" : "")
                            + ", "
                            + TRIES
                            + " times; the last it said: "
                            + worker.lastWords()
                            + " (all of it in log.txt of the run's folder in "
                            + folder.root()
                            + ")";
            recordCrash(run, reason);
        }
    }

    private boolean hasResult(PlannedRun run) {
        return folder.record(run.hash()).filter(r -> r.status().isResult()).isPresent();
    }

    private void giveUp(PlannedRun run, String reason) {
        givenUp.put(run.hash(), new EngineStatus.Failed(run.label(), run.hash(), reason));
    }

    /** Gives a run up and leaves a record of it, unless another process does it or has done it. */
    private void recordCrash(PlannedRun run, String reason) throws IOException {
        var lock = folder.tryLock(run.hash());
        if (lock.isEmpty()) {
            return; // another process does it now, and it is waited for
        }
        try (var held = lock.get()) {
            if (hasResult(run)) {
                return;
            }
            giveUp(run, reason);
            var attempts = Attempts.of(folder.of(run.hash())).all();
            if (held.isHeld()) {
                folder.save(new RecordDraft(run.config(), attempts).failed(reason));
            }
        }
    }

    private void stopWorkers() throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        workers.values().forEach(Worker::stop);
        for (var worker : workers.values()) {
            worker.await(SECONDS_TO_STOP);
        }
        workers.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private EngineStatus status(List<CellPlan> plan, int elsewhere) {
        int done = 0;
        for (var cell : plan) {
            done += (int) cell.runs().filter(PlannedRun::isDone).count();
        }
        return new EngineStatus(
                done,
                plan.stream().mapToInt(CellPlan::expectedRuns).sum(),
                workers.values().stream().map(Worker::status).toList(),
                elsewhere,
                new ArrayList<>(givenUp.values()),
                secondsLeft(plan));
    }

    private OptionalDouble secondsLeft(List<CellPlan> plan) {
        var left = TimeEstimate.left(plan, List.of());
        return left.unknown() == 0
                ? OptionalDouble.of(left.seconds() / options.jobs())
                : OptionalDouble.empty();
    }
}
