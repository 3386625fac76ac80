package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.experiment.record.Attempts;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.record.RunRecord.Status;
import org.lowrank.experiment.spec.RunConfig;

/**
 * Real worker processes, killed by SIGKILL, with a checkpoint every 50 ms if there is to be one at
 * hand. A worker that something else has stopped (SIGSTOP) is waited for until the time is over.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillAndResumeTest {

    private static final String SELDOM = "PT5S";

    @TempDir private Path root;

    private static final class Outcome {
        RunRecord record;
        String metrics;
        List<String> files;
    }

    private final List<Process> started = new ArrayList<>();

    /** Of a test that has failed or has run out of time. */
    @AfterEach
    void endProcesses() {
        started.forEach(Process::destroyForcibly);
    }

    /** A worker that does little else than write checkpoints. */
    private Process start(RunFolder folder, RunConfig config, String... wrapper)
            throws IOException {
        return startWith("PT0.05S", folder, config, wrapper);
    }

    private Process startWith(
            String checkpointEvery, RunFolder folder, RunConfig config, String... wrapper)
            throws IOException {
        folder.request(config);
        var command = new ArrayList<>(List.of(wrapper));
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData",
                        "-Dai.djl.offline=true",
                        "-Dai.djl.pytorch.num_threads=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        ClassPath.ofThisProcess(),
                        "org.lowrank.cli.Lowrank",
                        "run-one",
                        config.hash(),
                        "--runs",
                        folder.root().toString(),
                        "--checkpoint-every",
                        checkpointEvery));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        var process =
                builder.redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        folder.log(config.hash()).toFile()))
                        .start();
        started.add(process);
        return process;
    }

    private Outcome finish(RunFolder folder, RunConfig config) throws Exception {
        var process = startWith(SELDOM, folder, config);
        assertEquals(0, process.waitFor(), () -> log(folder, config));
        return outcome(folder, config);
    }

    private static String log(RunFolder folder, RunConfig config) {
        try {
            return Files.readString(folder.log(config.hash()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Outcome outcome(RunFolder folder, RunConfig config) throws IOException {
        var outcome = new Outcome();
        outcome.record = folder.record(config.hash()).orElseThrow();
        outcome.metrics =
                Files.readString(folder.metrics(config.hash()))
                        .replaceAll("\"seconds\":[^,}]+", "\"seconds\":0");
        try (Stream<Path> files = Files.walk(folder.of(config.hash()))) {
            outcome.files =
                    files.filter(Files::isRegularFile)
                            .map(f -> f.getFileName().toString())
                            .sorted()
                            .toList();
        }
        return outcome;
    }

    /** When a process is killed. */
    private enum Moment {
        /** Some time after it has written a checkpoint. */
        TRAINING,
        /** At the sight of a checkpoint that is not yet in its place. */
        WRITING,
        /** Some time after its start: while it loads, goes back to its checkpoint, or trains. */
        ANY
    }

    private void killAndCompare(String optimizer, int kills, int steps, long seed)
            throws Exception {
        var config = Spirals.run(optimizer, steps, seed);
        var expected = finish(RunFolder.at(root.resolve("straight")), config);
        var folder = RunFolder.at(root.resolve("killed"));
        var random = new SplittableRandom(seed);
        int unfinishedWrites = 0;
        for (int kill = 0; kill < kills; kill++) {
            var process = start(folder, config);
            switch (Moment.values()[kill % 3]) {
                case TRAINING -> {
                    awaitCheckpoint(folder, config, process);
                    Thread.sleep(random.nextInt(100));
                }
                case WRITING -> awaitTemporary(folder.checkpoints(config.hash()), "", process);
                case ANY -> Thread.sleep(random.nextInt(800));
            }
            process.destroyForcibly().waitFor();
            unfinishedWrites += temporaries(folder.checkpoints(config.hash()), "");
            assertTrue(
                    folder.record(config.hash()).isEmpty(), "the run must outlive all the kills");
        }
        assertTrue(unfinishedWrites > 0, "no kill hit a checkpoint being written");
        killWhileTheRecordIsWritten(folder, config);
        int attempts = Attempts.of(folder.of(config.hash())).all().size();
        // a process that was killed while it loaded has not worked on the run
        assertTrue(attempts > kills / 2 && attempts <= kills + 1, attempts + " attempts");
        var actual = finish(folder, config);
        assertEquals(Status.finished, actual.record.status());
        assertEquals(steps, actual.record.trainInfo().steps());
        assertSame(expected, actual);
        assertEquals(attempts + 1, actual.record.runInfo().attempts().size());
    }

    /**
     * Lets the run end but for its record. The write takes a millisecond: a process that was too
     * fast is forgotten, and another goes on from the same files.
     */
    private void killWhileTheRecordIsWritten(RunFolder folder, RunConfig config) throws Exception {
        var run = folder.of(config.hash());
        var before = root.resolve("before");
        copy(run, before);
        for (int i = 0; i < 20; i++) {
            var process = startWith(SELDOM, folder, config);
            awaitTemporary(run, ".record.json", process);
            process.destroyForcibly().waitFor();
            if (temporaries(run, ".record.json") > 0 && !Files.exists(run.resolve("record.json"))) {
                delete(before);
                return;
            }
            delete(run);
            copy(before, run);
        }
        fail("no kill hit the record being written");
    }

    private static void awaitTemporary(Path folder, String start, Process process) {
        while (process.isAlive() && temporaries(folder, start) == 0) {
            LockSupport.parkNanos(100_000);
        }
    }

    private static int temporaries(Path folder, String start) {
        var names =
                folder.toFile()
                        .list((dir, name) -> name.startsWith(start) && name.endsWith(".tmp"));
        return names == null ? 0 : names.length;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void assertSame(Outcome expected, Outcome actual) {
        assertEquals(expected.record.reproducible(), actual.record.reproducible());
        assertEquals(expected.metrics, actual.metrics);
        assertEquals(expected.files, actual.files, "a killed process left something");
        assertTrue(actual.record.runInfo().resumedAtStep() > 0);
    }

    /** Until this process has written a checkpoint, or has ended. */
    private static void awaitCheckpoint(RunFolder folder, RunConfig config, Process process)
            throws Exception {
        var before = checkpoints(folder, config);
        while (process.isAlive() && before.containsAll(checkpoints(folder, config))) {
            Thread.sleep(5);
        }
    }

    private static List<String> checkpoints(RunFolder folder, RunConfig config) throws IOException {
        var files =
                folder.checkpoints(config.hash()).toFile().list((dir, name) -> name.endsWith("t"));
        return files == null ? List.of() : List.of(files);
    }

    @Test
    void aRunThatIsKilledOrStoppedGoesOnFromItsCheckpointAndEndsBitEqual() throws Exception {
        var config = Spirals.run("lora_pro", 200, 1);
        var expected = finish(RunFolder.at(root.resolve("straight")), config);
        var folder = RunFolder.at(root.resolve("killed"));
        var process = start(folder, config);
        awaitCheckpoint(folder, config, process);
        process.destroyForcibly().waitFor();
        assertTrue(folder.record(config.hash()).isEmpty());

        process = start(folder, config);
        awaitCheckpoint(folder, config, process);
        process.destroy();
        process.waitFor();
        var cancelled = folder.record(config.hash()).orElseThrow();
        assertEquals(Status.cancelled, cancelled.status());
        assertTrue(cancelled.runInfo().resumedAtStep() > 0);

        // no file of this process may grow beyond a few KiB: it soon finds its disk full
        int blocks = (int) (Files.size(folder.metrics(config.hash())) / 1024) + 2;
        process =
                start(
                        folder,
                        config,
                        "bash",
                        "-c",
                        "ulimit -f " + blocks + "; exec \"$@\"",
                        "bash");
        assertEquals(1, process.waitFor(), log(folder, config));
        assertTrue(log(folder, config).contains("File too large"), log(folder, config));

        var actual = finish(folder, config);
        assertSame(expected, actual);
        assertTrue(
                actual.record.runInfo().resumedAtStep() >= cancelled.trainInfo().steps(),
                "the checkpoints survived the full disk");
        assertEquals(4, actual.record.runInfo().attempts().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"altlora", "adamw", "lora_pro"})
    @Tag("soak")
    @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRunThatIsKilledTwentyTimesEndsBitEqual(String optimizer) throws Exception {
        killAndCompare(optimizer, 20, 6000, optimizer.length());
    }
}
