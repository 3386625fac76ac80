package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.record.RunRecord.Status;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationReader;

/** Real engines with real worker processes. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LocalEngineTest {

    private static final Consumer<EngineStatus> SILENT = status -> {};

    @TempDir private Path root;

    private static final EngineOptions OPTIONS =
            EngineOptions.ofJobs(1)
                    .withThreads(1)
                    .withCheckpointEvery(Duration.ofMillis(100))
                    .withJavaOptions(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));

    private static final String METHODS =
            """
            {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
            {"label": "AltLoRA", "with": {"optimizer": {"name": "altlora"}}}
            """;

    /** The small task by these methods at one rate. */
    private static Grid fixed(String methods, int steps, String seeds) {
        return SpecificationReader.parse(
                """
                {
                  "name": "fixed",
                  "base": {"model": "slow-mlp", "training": {"steps": %d, "batch_size": 16},
                           "adapter": {"rank": 3, "lora_alpha": 6},
                           "task": {"name": "spiral/small"}},
                  "tasks": [{"label": "small"}],
                  "methods": [%s],
                  "frozen_encoder": false,
                  "protocol": {"kind": "fixed", "learning_rates": [0.02], "seeds": %s}
                }
                """
                        .formatted(steps, methods, seeds),
                "",
                "test.json");
    }

    private EngineStatus run(Grid grid, EngineOptions options)
            throws IOException, InterruptedException {
        var folder = RunFolder.at(root);
        return new LocalEngine(options).run(new Planner(grid, folder), folder, SILENT);
    }

    private List<RunRecord> records() throws IOException {
        var folder = RunFolder.at(root);
        return folder.hashes().stream().map(hash -> folder.record(hash).orElseThrow()).toList();
    }

    /**
     * Kills the first worker on this folder that has written a checkpoint and not its record; it
     * stands still while that is looked at.
     */
    private void killOneWorker(List<Future<EngineStatus>> engines) throws Exception {
        var folder = RunFolder.at(root);
        while (!engines.stream().allMatch(Future::isDone)) {
            for (var hash : folder.hashes()) {
                var owner = folder.owner(hash);
                if (owner.isEmpty() || !hasCheckpoint(hash)) {
                    continue;
                }
                signal("STOP", owner.get().pid());
                if (folder.owner(hash).equals(owner) && folder.record(hash).isEmpty()) {
                    signal("KILL", owner.get().pid());
                    return;
                }
                signal("CONT", owner.get().pid());
            }
            Thread.sleep(10);
        }
        fail("every run ended before a worker with a checkpoint was caught");
    }

    private static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    /** So many engines at once on one folder, with one worker killed on the way. */
    private void together(Grid grid, int engines, int jobs, int runs) throws Exception {
        var pool = Executors.newCachedThreadPool();
        var options =
                new EngineOptions(
                        jobs,
                        OPTIONS.until(),
                        1,
                        OPTIONS.checkpointEvery(),
                        OPTIONS.javaOptions(),
                        List.of());
        Callable<EngineStatus> work = () -> run(grid, options);
        var ends = IntStream.range(0, engines).mapToObj(i -> pool.submit(work)).toList();
        killOneWorker(ends);
        for (var end : ends) {
            var status = end.get();
            assertEquals(List.of(), status.failed());
            assertEquals(runs, status.done());
        }
        pool.shutdown();
        var all = records();
        assertEquals(runs, all.size(), "none lost");
        assertTrue(all.stream().allMatch(r -> r.status() == Status.finished));
        var attempts = all.stream().mapToInt(r -> r.runInfo().attempts().size()).sum();
        assertEquals(runs + 1, attempts, "each done once, the killed one twice");
        assertEquals(1, all.stream().filter(r -> r.runInfo().resumedAtStep() > 0).count());
    }

    @Test
    void twoEnginesOnOneFolderShareTheRunsAndAKilledWorkerIsTriedAgain() throws Exception {
        together(fixed(METHODS, 60, "[0, 1]"), 2, 1, 4);
        var again = run(fixed(METHODS, 60, "[0, 1]"), OPTIONS);
        assertEquals(4, again.done(), "a second call finds all done");
        assertEquals(5, records().stream().mapToInt(r -> r.runInfo().attempts().size()).sum());
    }

    @Test
    @Tag("soak")
    @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void fourProcessesDoTwentyFourRunsOnce() throws Exception {
        together(fixed(METHODS, 60, "[0,1,2,3,4,5,6,7,8,9,10,11]"), 2, 2, 24);
    }

    @Test
    @Tag("soak")
    @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void fourEnginesOfOneProcessEachDoTwentyFourRunsOnce() throws Exception {
        together(fixed(METHODS, 60, "[0,1,2,3,4,5,6,7,8,9,10,11]"), 4, 1, 24);
    }

    @Test
    void aCrashIsTriedOnceMoreAndARunThatFailsWithAReasonIsNot() throws Exception {
        var methods =
                """
                {"label": "crash", "with": {"model": "crash"}},
                {"label": "refuses", "with": {"model": "refuses"}}
                """;
        var status = run(fixed(methods, 4, "[0]"), OPTIONS);
        assertEquals(2, status.failed().size());
        var folder = RunFolder.at(root);
        for (var run : new Planner(fixed(methods, 4, "[0]"), folder).missing()) {
            var record = folder.record(run.hash()).orElseThrow();
            boolean crash = run.cell().row().equals("crash");
            assertEquals(Status.failed, record.status());
            assertEquals(crash ? 2 : 1, record.runInfo().attempts().size());
            var reason = crash ? "137 (killed; out of memory?)" : "this model always refuses";
            assertTrue(record.runInfo().errorMsg().contains(reason), record.runInfo().errorMsg());
            assertTrue(status.failures().contains(record.runInfo().errorMsg()));
            assertTrue(status.failures().contains(run.hash() + "  " + run.cell().row()));
        }
    }

    /** One run whose processes end so, one after the other; those after them end well. */
    private EngineStatus runWithEndings(String... endings) throws Exception {
        var file = Files.write(root.resolve("endings"), List.of(endings));
        var java = new ArrayList<>(OPTIONS.javaOptions());
        java.add("-Dspiral.endings=" + file);
        var grid = fixed("{\"label\": \"LoRA\", \"with\": {\"model\": \"told\"}}", 4, "[0]");
        return run(grid, OPTIONS.withJavaOptions(java));
    }

    @Test
    void aResultThatWasSavedBeforeItsProcessCrashedIsKept() throws Exception {
        var status = runWithEndings("137", "late 134");
        assertEquals(List.of(), status.failed());
        assertEquals(1, status.done());
        assertEquals(1, records(Status.finished));
    }

    @Test
    void aWorkerThatWasStoppedHasNotUsedUpATry() throws Exception {
        var status = runWithEndings("130", "143", "137");
        assertEquals(List.of(), status.failed());
        assertEquals(1, status.done());
        assertEquals(4, records().get(0).runInfo().attempts().size());
    }

    @Test
    void anEngineThatIsInterruptedLeavesCheckpointsAndIsGoneOnWith() throws Exception {
        var grid = fixed("{\"label\": \"LoRA\"}", 150, "[0]");
        var thrown = new ArrayList<Exception>();
        var thread =
                new Thread(
                        () -> {
                            try {
                                run(grid, OPTIONS);
                            } catch (IOException | InterruptedException e) {
                                thrown.add(e);
                            }
                        });
        thread.start();
        while (thread.isAlive() && !anyCheckpoint()) {
            Thread.sleep(20);
        }
        thread.interrupt();
        thread.join();
        assertEquals(1, records(Status.cancelled), "the run was longer than the interrupt took");
        assertTrue(thrown.get(0) instanceof InterruptedException);
        assertEquals(1, run(grid, OPTIONS).done());
        assertEquals(1, records().stream().filter(r -> r.runInfo().resumedAtStep() > 0).count());
    }

    private long records(Status status) throws IOException {
        var folder = RunFolder.at(root);
        return folder.hashes().stream()
                .flatMap(hash -> folder.record(hash).stream())
                .filter(record -> record.status() == status)
                .count();
    }

    private boolean anyCheckpoint() throws IOException {
        return RunFolder.at(root).hashes().stream().anyMatch(this::hasCheckpoint);
    }

    private boolean hasCheckpoint(String hash) {
        var files = RunFolder.at(root).checkpoints(hash).toFile().list();
        return files != null && Arrays.stream(files).anyMatch(f -> f.endsWith("checkpoint"));
    }
}
