package org.lowrank.experiment.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.RunFolder;

/**
 * Runs in processes of this machine, one each: what kills one (a crash, the system short of memory)
 * ends that run alone, which is tried once more. Runs with names that only this session knows are
 * done in this process, one after the other.
 */
public final class LocalEngine implements RunEngine {

    private static final int TRIES = 2;
    private static final long TICK_MILLIS = 500;
    private static final long SECONDS_TO_STOP = 120;

    private final EngineOptions options;
    private volatile boolean stopping;

    public LocalEngine(EngineOptions options) {
        this.options = options;
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public EngineStatus run(Planner plan, RunFolder folder, Consumer<EngineStatus> told)
            throws IOException, InterruptedException {
        folder.requireWholeArchives();
        return new Work(plan, folder, told).run();
    }

    /** One table's. */
    private final class Work {

        private final Planner planner;
        private final RunFolder folder;
        private final Consumer<EngineStatus> listener;
        private final Map<String, Job> jobs = new LinkedHashMap<>();
        private final LinkedBlockingQueue<String> exits = new LinkedBlockingQueue<>();
        private final Map<String, Integer> tries = new HashMap<>();
        private final Map<String, EngineStatus.Failed> givenUp = new LinkedHashMap<>();

        Work(Planner planner, RunFolder folder, Consumer<EngineStatus> listener) {
            this.planner = planner;
            this.folder = folder;
            this.listener = listener;
        }

        EngineStatus run() throws IOException, InterruptedException {
            // not by the clock, which can be set
            long started = System.nanoTime();
            try {
                while (true) {
                    var plan = planner.plan();
                    var worked = Duration.ofNanos(System.nanoTime() - started);
                    stopping |= options.until().filter(t -> worked.compareTo(t) > 0).isPresent();
                    if (stopping) {
                        stopJobs();
                        return status(planner.plan(), 0);
                    }
                    int elsewhere = startJobs(plan);
                    listener.accept(status(plan, elsewhere));
                    if (jobs.isEmpty() && elsewhere == 0) {
                        return status(plan, 0);
                    }
                    awaitChange();
                }
            } finally {
                stopJobs();
            }
        }

        /** Waits for a worker to end, at most so long that the status stays fresh. */
        private void awaitChange() throws IOException, InterruptedException {
            var ended = exits.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
            while (ended != null) {
                account(jobs.remove(ended));
                ended = exits.poll();
            }
        }

        /** Fills the free places; returns the number of runs that others do at the moment. */
        private int startJobs(List<CellPlan> plan) throws IOException {
            int elsewhere = 0;
            for (var run : plan.stream().flatMap(CellPlan::runs).toList()) {
                if (run.isDone()
                        || jobs.containsKey(run.hash())
                        || givenUp.containsKey(run.hash())) {
                    continue;
                }
                var fault = folder.fault(run.hash());
                if (fault.isPresent()) {
                    giveUp(run, fault.get());
                } else if (folder.owner(run.hash()).isPresent()) {
                    elsewhere++;
                } else if (jobs.size() < options.jobs() && !waits(run)) {
                    tries.merge(run.hash(), 1, Integer::sum);
                    var job =
                            run.config().needsThisSession()
                                    ? SessionJob.start(run, folder, options)
                                    : Worker.start(run, folder, options, freeDevice());
                    jobs.put(run.hash(), job);
                    job.onEnd(() -> exits.add(run.hash()));
                }
            }
            return elsewhere;
        }

        private String freeDevice() {
            var taken = jobs.values().stream().map(Job::device).toList();
            return options.devices().stream()
                    .filter(device -> !taken.contains(device))
                    .findFirst()
                    .orElse("");
        }

        /** True for a run of this process while it does another. */
        private boolean waits(PlannedRun run) {
            return run.config().needsThisSession()
                    && jobs.values().stream()
                            .anyMatch(job -> job.run().config().needsThisSession());
        }

        private void account(Job job) throws IOException {
            var run = job.run();
            int code = job.exitCode();
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
                        ("the process ended with code %s%s, %s times; the last it said: %s (all of"
                                        + " it in log.txt of the run's folder in %s)")
                                .formatted(
                                        code,
                                        code == ExitCode.KILLED ? " (killed; out of memory?)" : "",
                                        TRIES,
                                        job.lastWords(),
                                        folder.root());
                recordCrash(run, reason);
            }
        }

        private boolean hasResult(PlannedRun run) {
            return folder.record(run.hash()).filter(r -> r.status().isResult()).isPresent();
        }

        private void giveUp(PlannedRun run, String reason) {
            givenUp.put(run.hash(), new EngineStatus.Failed(run.label(), run.hash(), reason));
        }

        /**
         * Gives a run up and leaves a record of it, unless another process does it or has done it.
         */
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
                    folder.save(
                            new RecordDraft(run.config(), attempts, System.nanoTime())
                                    .failed(reason));
                }
            }
        }

        private void stopJobs() throws InterruptedException {
            boolean interrupted = Thread.interrupted();
            jobs.values().forEach(Job::stop);
            for (var job : jobs.values()) {
                job.await(SECONDS_TO_STOP);
            }
            jobs.clear();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private EngineStatus status(List<CellPlan> plan, int elsewhere) {
            return EngineStatus.of(
                    plan,
                    jobs.values().stream().map(Job::status).toList(),
                    elsewhere,
                    new ArrayList<>(givenUp.values()),
                    options.jobs());
        }
    }
}
