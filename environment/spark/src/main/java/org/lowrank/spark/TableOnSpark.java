package org.lowrank.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.FileTail;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.EngineStatus;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;

/** The runs of one table on one application. */
final class TableOnSpark {

    private static final long TICK_MILLIS = 200;

    /** A plan of many runs takes long to look at: no more than a part of the time is spent so. */
    private static final int SHARE_OF_PLANNING = 5;

    private static final long MOST_MILLIS = 10_000;

    private static final long SECONDS_TO_STOP = 150;

    private final SparkRunner runner;
    private final Planner planner;
    private final RunFolder folder;
    private final RunTask task;
    private final JavaSparkContext context;
    private final DriverLease lease;
    private final Consumer<EngineStatus> told;
    private final TaskEnds tasks = new TaskEnds();
    private final Map<JavaFutureAction<List<String>>, List<PlannedRun>> jobs =
            new LinkedHashMap<>();
    private final Map<String, PlannedRun> sent = new HashMap<>();
    private final Map<String, EngineStatus.Failed> givenUp = new LinkedHashMap<>();
    private final Set<String> settled = new HashSet<>();
    private final boolean local;
    private final Returned returned;

    TableOnSpark(
            SparkRunner runner,
            Planner planner,
            RunFolder folder,
            RunTask task,
            JavaSparkContext context,
            DriverLease lease,
            Consumer<EngineStatus> told) {
        this.runner = runner;
        this.planner = planner;
        this.folder = folder;
        this.task = task;
        this.context = context;
        this.lease = lease;
        this.told = told;
        // a path's URI ends with a slash once the folder is there
        var shared = task.shared().root();
        local = "file".equals(shared.getScheme()) && Path.of(shared).equals(folder.root());
        returned = new Returned(folder, task.shared(), local);
        context.sc().addSparkListener(tasks);
    }

    EngineStatus run() throws IOException, InterruptedException {
        var end = runner.options().until().map(Instant.now()::plus).orElse(Instant.MAX);
        try {
            if (local) {
                settleWhatIsDone();
            }
            while (true) {
                requireAlive();
                collect();
                long start = System.nanoTime();
                var plan = planner.plan();
                long planning = (System.nanoTime() - start) / 1_000_000;
                var fresh = fresh(plan);
                if (!fresh.isEmpty() && !runner.isStopping()) {
                    send(fresh);
                }
                told.accept(status(plan));
                if (runner.isStopping() || Instant.now().isAfter(end)) {
                    stopJobs();
                    return status(planner.plan());
                }
                if (jobs.isEmpty() && fresh.isEmpty() && tasks.ended().isEmpty()) {
                    return status(planner.plan());
                }
                awaitChange(Math.min(MOST_MILLIS, planning * SHARE_OF_PLANNING));
            }
        } finally {
            stopJobs();
        }
    }

    private void requireAlive() throws IOException {
        if (context.sc().isStopped()) {
            throw new IOException(
                    "the cluster has ended this application; what was done is kept, and the same"
                            + " command goes on");
        }
        if (!lease.isHeld()) {
            throw new IOException(
                    task.shared().root()
                            + " is gone, or another driver has taken it over; what runs is"
                            + " stopped, records that were written are kept");
        }
    }

    /** Until a task has ended, and some time has gone by. */
    private void awaitChange(long leastMillis) throws InterruptedException {
        long until = System.currentTimeMillis() + Math.max(TICK_MILLIS, leastMillis);
        do {
            Thread.sleep(TICK_MILLIS);
        } while (System.currentTimeMillis() < until && !runner.isStopping());
    }

    /** Runs that are not done and were not sent yet, each once. */
    private List<PlannedRun> fresh(List<CellPlan> plan) {
        var fresh = new ArrayList<PlannedRun>();
        for (var run : plan.stream().flatMap(CellPlan::runs).toList()) {
            if (run.isDone() || sent.containsKey(run.hash()) || givenUp.containsKey(run.hash())) {
                continue;
            }
            var fault = folder.fault(run.hash());
            if (fault.isPresent()) {
                giveUp(run, fault.get());
            } else if (run.config().needsThisSession()) {
                giveUp(
                        run,
                        "a name of this session (a cell's optimizer or task) is not known to"
                                + " executors; put it into a jar, or use the local engine");
            } else {
                sent.put(run.hash(), run);
                fresh.add(run);
            }
        }
        return fresh;
    }

    private void send(List<PlannedRun> runs) throws IOException {
        var wanted = new ArrayList<PlannedRun>();
        for (var run : runs) {
            if (!local && returned.pull(run.hash())) {
                settle(run.hash()); // done by a driver that had another folder of its own
                continue;
            }
            folder.request(run.config());
            var config = run.hash() + "/config.json";
            if (!local && !task.shared().exists(config)) {
                task.shared().put(Json.pretty(run.config()), config);
            }
            wanted.add(run);
        }
        if (wanted.isEmpty()) {
            return;
        }
        var names = wanted.stream().map(PlannedRun::hash).toList();
        var batch = Integer.toString(sent.size());
        tasks.expect(batch, names);
        context.setLocalProperty(TaskEnds.BATCH, batch);
        context.setJobDescription(wanted.size() + " runs");
        jobs.put(context.parallelize(names, names.size()).map(task).collectAsync(), wanted);
    }

    /** Takes what has ended: records into the driver's folder, reasons of those without one. */
    private void collect() throws IOException, InterruptedException {
        // a second task of a run may have ended since
        settled.removeAll(tasks.startedTwice());
        for (var hash = tasks.ended().poll(); hash != null; hash = tasks.ended().poll()) {
            settle(hash);
        }
        for (var job : List.copyOf(jobs.entrySet())) {
            if (job.getKey().isDone()) {
                jobs.remove(job.getKey());
                collect(job.getKey(), job.getValue());
            }
        }
    }

    private void collect(JavaFutureAction<List<String>> job, List<PlannedRun> runs)
            throws IOException, InterruptedException {
        try {
            var results = job.get();
            for (int i = 0; i < results.size(); i++) {
                settle(runs.get(i).hash());
                if (!results.get(i).equals(RunTask.DONE)) {
                    giveUp(runs.get(i), results.get(i));
                }
            }
        } catch (ExecutionException e) {
            for (var run : runs) {
                settle(run.hash());
                if (folder.record(run.hash()).filter(r -> r.status().isResult()).isEmpty()) {
                    giveUp(run, "Spark gave its job up: " + firstLine(e.getCause().getMessage()));
                }
            }
        }
    }

    /** What a task has left: its record, and a second one if two did the run. */
    private void settle(String hash) throws IOException {
        if (settled.add(hash)) {
            returned.settle(hash).ifPresent(reason -> giveUp(sent.get(hash), reason));
        }
    }

    /** Of what was done before this driver began, a copy that came second may still lie there. */
    private void settleWhatIsDone() throws IOException {
        for (var run : planner.plan().stream().flatMap(CellPlan::runs).toList()) {
            if (run.isDone() && sent.put(run.hash(), run) == null) {
                settle(run.hash());
            }
        }
    }

    private void giveUp(PlannedRun run, String reason) {
        givenUp.put(run.hash(), new EngineStatus.Failed(run.label(), run.hash(), reason));
    }

    private static String firstLine(String text) {
        return text == null ? "no reason" : text.lines().findFirst().orElse("");
    }

    /** Tasks are interrupted, and their runs leave checkpoints. */
    private void stopJobs() {
        if (jobs.isEmpty() || context.sc().isStopped()) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        context.cancelAllJobs();
        long until = System.nanoTime() + SECONDS_TO_STOP * 1_000_000_000L;
        Set<String> waited = new LinkedHashSet<>(tasks.running().keySet());
        while (!waited.isEmpty() && System.nanoTime() < until) {
            try {
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            waited.retainAll(tasks.running().keySet());
        }
        jobs.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private EngineStatus status(List<CellPlan> plan) {
        var running = new ArrayList<EngineStatus.Running>();
        tasks.running()
                .forEach(
                        (hash, host) -> {
                            var at = FileTail.Position.of(folder.metrics(hash));
                            running.add(
                                    new EngineStatus.Running(
                                            sent.get(hash).label() + " on " + host,
                                            at.step(),
                                            at.totalSteps()));
                        });
        int workers = Math.max(1, running.size());
        return EngineStatus.of(plan, running, 0, new ArrayList<>(givenUp.values()), workers);
    }
}
