package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.EngineStatus;
import org.lowrank.experiment.run.ExitCode;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.train.Checkpoints;

/** Tables on a real cluster of this machine: a master, two workers, their executors. */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkRunnerTest {

    private static final Consumer<EngineStatus> SILENT = status -> {};

    private static final int EXECUTORS = 2;

    static final EngineOptions OPTIONS =
            EngineOptions.ofJobs(1)
                    .withThreads(1)
                    .withCheckpointEvery(Duration.ofMillis(200))
                    .withJavaOptions(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));

    @TempDir private static Path place;
    private static StandaloneCluster cluster;

    @TempDir private Path root;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = new StandaloneCluster(place, EXECUTORS);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    /** Two tasks, three methods and the frozen network, one rate, two seeds: 16 runs. */
    private static Grid table(int steps) {
        var text =
                Spirals.table()
                        .replace("\"steps\": 40", "\"steps\": " + steps)
                        .replace("[0.005, 0.02]", "[0.02], \"kind\": \"fixed\"");
        return SpecificationReader.parse(text, "", "test.json");
    }

    private SparkRunner runner() {
        return SparkRunner.at(cluster.address(), OPTIONS, cluster.settings());
    }

    /** All runs in this process, as the local engine's workers do them. */
    static void runHere(Planner planner, RunFolder folder) throws IOException {
        for (var missing = planner.missing(); !missing.isEmpty(); missing = planner.missing()) {
            for (var run : missing) {
                folder.request(run.config());
                new RunExecution(folder, Checkpoints.Interval.STANDARD).execute(run.hash());
            }
        }
    }

    static Map<String, String> reproducible(RunFolder folder) throws IOException {
        var all = new HashMap<String, String>();
        for (var hash : folder.hashes()) {
            all.put(hash, folder.record(hash).orElseThrow().reproducible());
        }
        return all;
    }

    @Test
    void aTableIsBitEqualToTheLocalOneThoughAnExecutorAndAWorkerAreKilledMidRun() throws Exception {
        var here = RunFolder.at(root.resolve("here"));
        runHere(new Planner(table(300), here), here);
        var folder = RunFolder.at(root.resolve("cluster"));
        var planner = new Planner(table(300), folder);
        var pool = Executors.newSingleThreadExecutor();
        Callable<EngineStatus> work = () -> runner().run(planner, folder, SILENT);
        var end = pool.submit(work);
        awaitCheckpoints(folder, end::isDone);
        kill(cluster.executors().get(0));
        awaitRecords(folder, 4, end::isDone);
        awaitCheckpoints(folder, end::isDone);
        kill(cluster.worker(0).toHandle());
        var status = end.get();
        pool.shutdown();
        assertEquals("", status.failures());
        assertEquals(status.total(), status.done());
        var expected = reproducible(here);
        assertTrue(expected.size() >= 12, expected.size() + " runs");
        assertEquals(expected, reproducible(folder));
        var attempts =
                folder.hashes().stream()
                        .mapToInt(
                                hash ->
                                        folder.record(hash)
                                                .orElseThrow()
                                                .runInfo()
                                                .attempts()
                                                .size())
                        .sum();
        assertTrue(attempts > expected.size(), attempts + " attempts");
        assertTrue(
                folder.hashes().stream()
                        .map(hash -> folder.record(hash).orElseThrow())
                        .anyMatch(record -> record.runInfo().resumedAtStep() > 0),
                "a killed run went on from its checkpoint");
        assertEquals(List.of(), leftovers(folder));
        assertEquals(
                new ResultFiles(ResultTable.of(new Planner(table(300), here))).csv(),
                new ResultFiles(ResultTable.of(planner)).csv());
    }

    /** Files that none but a run under way may have. */
    private static List<String> leftovers(RunFolder folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder.root())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(
                            name ->
                                    name.endsWith(".tmp")
                                            || name.endsWith(".crc")
                                            || name.endsWith(".checkpoint")
                                            || name.startsWith(RunTask.SECOND))
                    .toList();
        }
    }

    private static void kill(ProcessHandle process) throws Exception {
        new ProcessBuilder("kill", "-9", Long.toString(process.pid())).start().waitFor();
    }

    /** Until both executors' runs have one, so that whichever is killed leaves one. */
    private static void awaitCheckpoints(RunFolder folder, Callable<Boolean> over)
            throws Exception {
        while (!over.call()) {
            int runs = 0;
            for (var hash : folder.hashes()) {
                var names = folder.checkpoints(hash).toFile().list();
                if (names != null && Stream.of(names).anyMatch(n -> n.endsWith(".checkpoint"))) {
                    runs++;
                }
            }
            if (runs >= EXECUTORS) {
                return;
            }
            Thread.sleep(10);
        }
    }

    private static void awaitRecords(RunFolder folder, int count, Callable<Boolean> over)
            throws Exception {
        while (!over.call()
                && folder.hashes().stream().filter(h -> folder.record(h).isPresent()).count()
                        < count) {
            Thread.sleep(50);
        }
    }

    @Test
    void aMasterThatIsNotThereAndOneThatIsNoneAreTold() throws Exception {
        var folder = RunFolder.at(root);
        var planner = new Planner(table(4), folder);
        var gone = SparkRunner.at("spark://127.0.0.1:1", OPTIONS, cluster.settings());
        var refused =
                assertThrows(IOException.class, () -> gone.run(planner, folder, SILENT))
                        .getMessage();
        assertTrue(refused.startsWith("no Spark master answers at spark://127.0.0.1:1"), refused);
        var wrong =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> SparkRunner.at("127.0.0.1:7077", OPTIONS, Map.of()));
        assertTrue(wrong.getMessage().contains("spark://HOST:PORT"), wrong.getMessage());
    }

    @Test
    void aSecondDriverOnATableIsRefusedAndTheFirstGoesOn() throws Exception {
        var folder = RunFolder.at(root);
        var shared = new SharedRuns(folder.root().toUri());
        shared.make();
        try (var first = DriverLease.take(shared)) {
            var refused =
                    assertThrows(
                            IOException.class,
                            () -> runner().run(new Planner(table(4), folder), folder, SILENT));
            assertTrue(
                    refused.getMessage()
                            .contains(
                                    "is worked on by another driver (process "
                                            + ProcessHandle.current().pid()),
                    refused.getMessage());
            assertTrue(first.isHeld());
        }
        assertEquals(List.of(), shared.list(""));
    }

    @Test
    void aSharedFolderThatIsLostEndsTheTableInWords() throws Exception {
        var folder = RunFolder.at(root.resolve("runs"));
        var runner =
                SparkRunner.withWorkload(
                        "local[1]", OPTIONS, cluster.settings(), new Emptying(root.toString()));
        var planner = new Planner(table(4), folder);
        var lost = assertThrows(IOException.class, () -> runner.run(planner, folder, SILENT));
        assertTrue(lost.getMessage().contains("is gone, or another driver"), lost.getMessage());
        assertTrue(lost.getMessage().contains(folder.root().toUri().toString()));
    }

    /** A run during which the shared folder goes away. */
    private record Emptying(String root) implements Workload {
        @Override
        public int run(String hash, Path runs, Meanwhile meanwhile) throws IOException {
            try (Stream<Path> files = Files.walk(Path.of(root).resolve("runs"))) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
            return ExitCode.KILLED;
        }
    }

    @Test
    void whatTheEngineAddsToARunIsUnderASecond() throws Exception {
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = new Planner(Spirals.grid("\"seeds\": [1, 2]", seeds(10)), folder);
        var runner =
                SparkRunner.withWorkload(
                        cluster.address(), OPTIONS, cluster.settings(), new NoWork());
        var times = new ArrayList<Long>();
        var done = new ArrayList<Integer>();
        long start = System.nanoTime();
        var status =
                runner.run(
                        planner,
                        folder,
                        at -> {
                            times.add(System.nanoTime());
                            done.add(at.done());
                        });
        double all = (System.nanoTime() - start) / 1e9;
        assertEquals(status.total(), status.done(), status.failures());
        // an application and its executors start once a table: counted from the first run that ends
        int first = (int) done.stream().takeWhile(n -> n == 0).count();
        int last = times.size() - 1;
        double seconds = (times.get(last) - times.get(first)) / 1e9;
        double each = seconds / (done.get(last) - done.get(first));
        System.out.printf(
                "%d runs without work: %.2f s in all, %.3f s each once the first had ended%n",
                status.done(), all, each);
        assertTrue(each < 1, each + " s a run");
    }

    static String seeds(int count) {
        var seeds = Stream.iterate(1, s -> s + 1).limit(count).toList();
        return "\"seeds\": " + seeds;
    }

    @Test
    void aRunThatFailsIsToldWithItsReasonAndTheOthersGoOn() throws Exception {
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = new Planner(table(4), folder);
        var runner =
                SparkRunner.withWorkload(
                        "local[1]", OPTIONS, cluster.settings(), new NoWork(ExitCode.KILLED));
        var status = runner.run(planner, folder, SILENT);
        assertEquals(status.failed().size(), planner.missing().size());
        assertTrue(status.failures().contains("137 (killed; out of memory?)"), status.failures());
        assertFalse(folder.hashes().isEmpty());
        for (var hash : folder.hashes()) {
            assertTrue(folder.record(hash).map(RunRecord::status).isEmpty());
        }
    }
}
