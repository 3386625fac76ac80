package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.engine.AtomicFile;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.soundness.Mutants;

class CheckpointsTest {

    private static final Checkpoints.Interval EVERY_SECOND_STEP =
            new Checkpoints.Interval(2, Duration.ZERO);

    @TempDir private Path folder;
    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    /** Full fine-tuning of the small network over 20 steps, evaluated every 4. */
    private final class Run {
        final TinyMlp model;
        final Trained trained;
        final Checkpoints checkpoints;
        final TrainingLoop loop;

        Run(String name, int hidden) {
            model = new TinyMlp(manager, 2, 5, hidden, 3, 1);
            var task = new SpiralObjective(model, manager, 300, 16, 5);
            trained = new Trained(model, null, null, model.parameters(), new ParameterAdamW(0));
            checkpoints = new Checkpoints(folder, name, EVERY_SECOND_STEP);
            var config = TrainingConfig.of(20, 0.02).withEvaluateEvery(4);
            loop = new TrainingLoop(trained, task, task, config, 7, List.of(checkpoints));
        }

        Checkpoints.Resumed resume() throws IOException {
            return checkpoints.resume(loop, trained);
        }

        float[] weight() {
            return model.parameters().get("block.1.second.weight").toFloatArray();
        }
    }

    /** A run that was killed: its checkpoints are those after steps 16 and 18. */
    private float[] leaveCheckpoints() throws IOException {
        var run = new Run("a", 16);
        run.resume();
        run.loop.run();
        assertEquals(List.of("000000000016", "000000000018"), names());
        return run.weight();
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString().replace(".checkpoint", ""))
                    .sorted()
                    .toList();
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".checkpoint");
    }

    private static void flip(Path file, int at) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void theLastTwoAreKeptAndTheNewestIsGoneOnFromWithItsEvaluations() throws IOException {
        var straight = leaveCheckpoints();
        var run = new Run("a", 16);
        assertEquals(18, run.resume().step());
        assertEquals(4, run.loop.state().evaluations().size());
        var result = run.loop.run();
        assertArrayEquals(straight, run.weight());
        assertEquals(20, result.steps().size());
        assertEquals(5, result.evaluations().size());
    }

    @Test
    void ofADamagedCheckpointNothingIsReadAndTheOneBeforeIsTaken() throws IOException {
        var straight = leaveCheckpoints();
        var newest = file("000000000018");
        int length = (int) Files.size(newest);
        var whole = Files.readAllBytes(newest);
        for (int at : new int[] {0, 9, 14, length / 2, length - 1}) {
            Files.write(newest, whole);
            flip(newest, at);
            var run = new Run("a", 16);
            var resumed = run.resume();
            assertEquals(16, resumed.step());
            assertEquals(1, resumed.damaged().size());
            assertTrue(resumed.damaged().get(0).contains("000000000018"));
        }
        for (int kept : new int[] {0, 3, length / 2, length - 1}) {
            Files.write(newest, Arrays.copyOf(whole, kept));
            assertEquals(16, new Run("a", 16).resume().step());
        }
        var run = new Run("a", 16);
        run.resume();
        run.loop.run();
        assertArrayEquals(straight, run.weight());
    }

    @Test
    void ifNoCheckpointIsWholeTheRunBeginsAnewAndSaysSo() throws IOException {
        var straight = leaveCheckpoints();
        flip(file("000000000016"), 100);
        flip(file("000000000018"), 100);
        var run = new Run("a", 16);
        var resumed = run.resume();
        assertEquals(0, resumed.step());
        assertEquals(2, resumed.damaged().size());
        run.loop.run();
        assertArrayEquals(straight, run.weight());
    }

    @Test
    void anotherRunsCheckpointIsPassedOver() throws IOException {
        leaveCheckpoints();
        var resumed = new Run("b", 16).resume();
        assertEquals(0, resumed.step());
        assertTrue(resumed.damaged().get(0).contains("be of run b, not a"));
    }

    @Test
    void aWholeCheckpointThatDoesNotFitIsRefusedRatherThanHalfRead() throws IOException {
        leaveCheckpoints();
        var error = assertThrows(IOException.class, () -> new Run("a", 12).resume());
        assertTrue(error.getMessage().contains("does not fit this run"), error.getMessage());
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndAnInterruptDoesNotDisturbTheWriting()
            throws IOException {
        Files.writeString(folder.resolve(".000000000018.checkpoint.4711.tmp"), "half");
        var run = new Run("a", 16);
        run.resume();
        Thread.currentThread().interrupt();
        var result = run.loop.run();
        assertFalse(Thread.interrupted());
        assertEquals(TrainingResult.Status.CANCELLED, result.status());
        assertEquals(List.of(), names());

        var content = folder.resolve("file");
        Thread.currentThread().interrupt();
        AtomicFile.write(content, out -> out.write(7));
        assertTrue(Thread.interrupted());
        assertEquals(1, Files.size(content));
    }

    @Test
    void ofEveryMutantOfACheckpointIsToldAndTheOneBeforeIsTaken() throws IOException {
        leaveCheckpoints();
        var last = folder.resolve("000000000018.checkpoint");
        var sound = Files.readAllBytes(last);
        var mutants = new Mutants();
        var run = new Run("a", 16);
        var tally = new Mutants.Tally("checkpoint", Long.MAX_VALUE);
        for (int i = 0; i < Mutants.COUNT; i++) {
            var mutant = mutants.of(sound, i);
            Files.write(last, mutant);
            long start = System.nanoTime();
            var resumed = run.resume();
            tally.add(!resumed.damaged().isEmpty(), System.nanoTime() - start);
            boolean whole = Arrays.equals(sound, mutant);
            assertEquals(whole ? 18 : 16, resumed.step(), "mutant " + i);
            assertEquals(whole ? 0 : 1, resumed.damaged().size());
            assertTrue(whole || resumed.damaged().get(0).startsWith(last.toString()));
        }
        tally.close(0.25);
    }
}
