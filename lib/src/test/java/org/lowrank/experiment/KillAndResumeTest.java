package org.lowrank.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.RunRecord.Status;

/** Real worker processes, killed by SIGKILL, with a checkpoint every 50 ms. */
class KillAndResumeTest {

    @TempDir private Path root;

    private static final class Outcome {
        RunRecord record;
        String metrics;
        List<String> files;
    }

    private Process start(RunFolder folder, RunConfig config, String... wrapper)
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
                        ClassPath.ofThisLibrary(),
                        "org.lowrank.cli.Lowrank",
                        "run-one",
                        config.hash(),
                        "--runs",
                        folder.root().toString(),
                        "--checkpoint-every",
                        "PT0.05S"));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        return builder.redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.log(config.hash()).toFile()))
                .start();
    }

    private Outcome finish(RunFolder folder, RunConfig config) throws Exception {
        var process = start(folder, config);
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

    private void killAndCompare(String optimizer, int kills, int steps, long seed)
            throws Exception {
        var config = Spirals.run(optimizer, steps, seed);
        var expected = finish(RunFolder.at(root.resolve("straight")), config);
        var folder = RunFolder.at(root.resolve("killed"));
        var random = new SplittableRandom(seed);
        for (int kill = 0; kill < kills; kill++) {
            var process = start(folder, config);
            if (kill % 4 != 3) {
                awaitCheckpoint(folder, config, process);
            }
            Thread.sleep(random.nextInt(kill % 4 == 3 ? 800 : 150));
            process.destroyForcibly().waitFor();
        }
        var actual = finish(folder, config);
        assertEquals(Status.finished, actual.record.status());
        assertEquals(steps, actual.record.trainInfo().steps());
        assertSame(expected, actual);
        assertEquals(kills + 1, actual.record.runInfo().attempts().size());
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

    @Test
    @Tag("soak")
    void aRunThatIsKilledTwentyTimesEndsBitEqualWhateverMovesIt() throws Exception {
        killAndCompare("altlora", 20, 4000, 2);
        killAndCompare("adamw", 20, 4000, 3);
        killAndCompare("lora_pro", 20, 4000, 4);
    }
}
