package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.train.SpiralRun.config;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.engine.CancelledException;

class TrainingLoopTest {

    private NDManager manager;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    @Test
    void learnsASeparableTask() {
        var run = new SpiralRun(manager, config(300).withEvaluateEvery(100));
        var before = run.task.evaluate().get("accuracy");
        var result = run.loop.run();
        assertEquals(TrainingResult.Status.FINISHED, result.status());
        assertEquals(3, result.evaluations().size());
        assertTrue(before < 0.6, "an untrained network must not know: " + before);
        assertTrue(result.finalMetrics().get("accuracy") > 0.9, result.finalMetrics().toString());
        assertTrue(result.meanLossOfLast(20) < 0.3 * result.steps().get(0).loss());
    }

    @Test
    void twoRunsFromOneSeedAreBitEqualAndAnotherOrderOfBatchesIsNot() {
        var first = new SpiralRun(manager, config(20));
        first.loop.run();
        var second = new SpiralRun(manager, config(20));
        second.loop.run();
        assertArrayEquals(first.weight(), second.weight());
        var other = new SpiralRun(manager, config(20));
        other.task.reseed(9);
        other.loop.run();
        assertFalse(java.util.Arrays.equals(first.weight(), other.weight()));
    }

    @Test
    void anInterruptInAnEvaluationCancelsTheRunAndTheNextOneMakesUpForIt() throws IOException {
        var straight = new SpiralRun(manager, config(20).withEvaluateEvery(10));
        var wanted = straight.loop.run();
        var first = new SpiralRun(manager, config(20).withEvaluateEvery(10));
        first.evaluation =
                () -> {
                    Thread.currentThread().interrupt();
                    CancelledException.ifInterrupted(3, 40);
                };
        var cancelled = first.loop.run();
        assertEquals(TrainingResult.Status.CANCELLED, cancelled.status());
        assertEquals("evaluation after step 10: interrupted after 3 of 40", cancelled.message());
        assertFalse(Thread.interrupted(), "it was taken note of");
        assertEquals(List.of(), cancelled.evaluations());
        var told = assertThrows(CancelledException.class, cancelled::orCancelled);
        assertEquals("this run has no result: " + cancelled.message(), told.getMessage());

        var bytes = new ByteArrayOutputStream();
        first.loop.state().save(new DataOutputStream(bytes), first.trained);
        var second = new SpiralRun(manager, config(20).withEvaluateEvery(10));
        second.loop
                .state()
                .load(
                        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
                        second.trained);
        var resumed = second.loop.run();
        assertEquals(wanted.evaluations(), resumed.orCancelled().evaluations());
        assertArrayEquals(straight.weight(), second.weight());
    }

    @Test
    void anEvaluationThatWasDoneIsNotDoneAgainByTheNextRun() throws IOException {
        var first = new SpiralRun(manager, config(10));
        var result = first.loop.run();
        var bytes = new ByteArrayOutputStream();
        first.loop.state().save(new DataOutputStream(bytes), first.trained);
        var second = new SpiralRun(manager, config(10));
        second.evaluation =
                () -> {
                    throw new AssertionError("evaluated again");
                };
        second.loop
                .state()
                .load(
                        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
                        second.trained);
        assertEquals(result.evaluations(), second.loop.run().evaluations());
    }

    @Test
    void aRunSavedHalfwayAndLoadedIntoAFreshOneEndsBitEqual() throws IOException {
        var straight = new SpiralRun(manager, config(20));
        straight.loop.run();
        var bytes = new ByteArrayOutputStream();
        SpiralRun[] first = new SpiralRun[1];
        first[0] =
                new SpiralRun(
                        manager,
                        config(20),
                        new TrainingListener() {
                            @Override
                            public void afterStep(StepReport report) {
                                if (report.step() == 10) {
                                    try {
                                        first[0].loop
                                                .state()
                                                .save(
                                                        new DataOutputStream(bytes),
                                                        first[0].trained);
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                    Thread.currentThread().interrupt();
                                }
                            }
                        });
        var cancelled = first[0].loop.run();
        assertEquals(TrainingResult.Status.CANCELLED, cancelled.status());
        assertEquals(10, cancelled.steps().size());
        var second = new SpiralRun(manager, config(20));
        second.loop
                .state()
                .load(
                        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
                        second.trained);
        var resumed = second.loop.run();
        assertEquals(20, resumed.steps().size());
        assertArrayEquals(straight.weight(), second.weight());
    }

    @Test
    void accumulatedBatchesGiveTheGradientOfTheirMean() {
        var accumulated = new HashMap<String, float[]>();
        SpiralRun[] run = new SpiralRun[1];
        run[0] =
                new SpiralRun(
                        manager,
                        config(1).withGradientAccumulation(4),
                        new TrainingListener() {
                            @Override
                            public void afterBackward(
                                    long step, List<PairStack> stacks, List<PairGradient> raw) {
                                accumulated.putAll(gradients(run[0]));
                            }
                        });
        var report = run[0].loop.run().steps().get(0);
        assertEquals(64, report.examples());

        // the oracle: one backward pass through one batch of the same 64 rows, without a loop
        var whole = new SpiralRun(manager, config(1));
        whole.model.parameters().values().forEach(p -> p.setRequiresGradient(true));
        try (var scratch = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            var loss = whole.task.joined(4).loss(scratch, 0, 0, 1).loss();
            collector.backward(loss);
            assertEquals(loss.getFloat(), report.loss(), 1e-6);
        }
        double squares = 0;
        for (var expected : gradients(whole).entrySet()) {
            float largest = 0;
            for (float value : expected.getValue()) {
                largest = Math.max(largest, Math.abs(value));
                squares += (double) value * value;
            }
            var found = accumulated.get(expected.getKey());
            assertArrayEquals(expected.getValue(), found, 1e-5f * largest, expected.getKey());
        }
        assertEquals(1, report.gradientNorm() / Math.sqrt(squares), 1e-5);
    }

    private static Map<String, float[]> gradients(SpiralRun run) {
        var gradients = new HashMap<String, float[]>();
        run.model
                .parameters()
                .forEach(
                        (name, parameter) -> {
                            try (var gradient = parameter.getGradient()) {
                                gradients.put(name, gradient.toFloatArray());
                            }
                        });
        return gradients;
    }

    @Test
    void theNumberOfNativeArraysIsFlatOverTwoHundredSteps() {
        var counts = new ArrayList<Integer>();
        var run =
                new SpiralRun(
                        manager,
                        config(200).withEvaluateEvery(10),
                        new TrainingListener() {
                            @Override
                            public void afterStep(StepReport report) {
                                counts.add(manager.getManagedArrays().size());
                            }
                        });
        run.loop.run();
        assertFalse(counts.get(0) == 0);
        assertEquals(counts.get(0), counts.get(199), counts.toString());
    }

    @Test
    void nothingToTrainIsRefused() {
        var model = new TinyMlp(manager, 1, 5, 4, 3, 1);
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new Trained(model, null, null, Map.of(), null));
        assertTrue(error.getMessage().contains("nothing to train"), error.getMessage());
    }
}
