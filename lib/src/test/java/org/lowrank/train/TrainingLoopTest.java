package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.lowrank.linalg.DivergedException;
import org.lowrank.optim.ParameterAdamW;

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

    /** Full fine-tuning of the small network. */
    private final class Run {
        final TinyMlp model = new TinyMlp(manager, 2, 5, 16, 3, 1);
        final SpiralObjective task = new SpiralObjective(model, manager, 300, 16, 5);
        final Trained trained =
                new Trained(model, null, null, model.parameters(), new ParameterAdamW(0));
        final TrainingLoop loop;
        Runnable evaluation = () -> {};

        Run(TrainingConfig config, TrainingListener... listeners) {
            loop = new TrainingLoop(trained, task, this::evaluate, config, 7, List.of(listeners));
        }

        private Map<String, Double> evaluate() {
            evaluation.run();
            return task.evaluate();
        }

        float[] weight() {
            return model.parameters().get("block.1.second.weight").toFloatArray();
        }
    }

    private static TrainingConfig config(int steps) {
        return TrainingConfig.of(steps, 0.02);
    }

    @Test
    void learnsASeparableTask() {
        var run = new Run(config(300).withEvaluateEvery(100));
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
        var first = new Run(config(20));
        first.loop.run();
        var second = new Run(config(20));
        second.loop.run();
        assertArrayEquals(first.weight(), second.weight());
        var other = new Run(config(20));
        other.task.reseed(9);
        other.loop.run();
        assertFalse(java.util.Arrays.equals(first.weight(), other.weight()));
    }

    @Test
    void anInterruptInAnEvaluationCancelsTheRunAndTheNextOneMakesUpForIt() throws IOException {
        var straight = new Run(config(20).withEvaluateEvery(10));
        var wanted = straight.loop.run();
        var first = new Run(config(20).withEvaluateEvery(10));
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
        var second = new Run(config(20).withEvaluateEvery(10));
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
        var first = new Run(config(10));
        var result = first.loop.run();
        var bytes = new ByteArrayOutputStream();
        first.loop.state().save(new DataOutputStream(bytes), first.trained);
        var second = new Run(config(10));
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
        var straight = new Run(config(20));
        straight.loop.run();
        var bytes = new ByteArrayOutputStream();
        Run[] first = new Run[1];
        first[0] =
                new Run(
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
        var second = new Run(config(20));
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
        Run[] run = new Run[1];
        run[0] =
                new Run(
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
        var whole = new Run(config(1));
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

    private static Map<String, float[]> gradients(Run run) {
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
    void aLossThatIsNotFiniteEndsTheRunAsDivergedAndKeepsWhatWasDone() {
        var run =
                new Run(
                        config(20),
                        new TrainingListener() {
                            @Override
                            public void beforeStep(long step) {
                                if (step == 5) {
                                    run0().muli(Float.NaN);
                                }
                            }

                            private ai.djl.ndarray.NDArray run0() {
                                return poisoned.model
                                        .parameters()
                                        .get("block.0.first.bias")
                                        .stopGradient();
                            }
                        });
        poisoned = run;
        var result = run.loop.run();
        assertEquals(TrainingResult.Status.DIVERGED, result.status());
        assertEquals(4, result.steps().size());
        assertTrue(result.message().contains("step 5"), result.message());
    }

    private Run poisoned;

    @Test
    void anEvaluationThatMeetsAValueThatIsNotFiniteIsNamedByTheStepBeforeIt() {
        var run = new Run(config(20).withEvaluateEvery(4));
        run.evaluation =
                () -> {
                    throw new DivergedException("the model's output is NaN");
                };
        var result = run.loop.run();
        assertEquals(TrainingResult.Status.DIVERGED, result.status());
        assertEquals(4, result.steps().size());
        assertEquals("evaluation after step 4: the model's output is NaN", result.message());
    }

    @Test
    void anErrorOfArithmeticAmongFiniteValuesIsNotTakenForADivergedRun() {
        var run = new Run(config(4));
        run.evaluation = () -> Math.floorDiv(1, 0);
        var error = assertThrows(ArithmeticException.class, run.loop::run);
        assertEquals("/ by zero", error.getMessage());
    }

    @Test
    void theNumberOfNativeArraysIsFlatOverTwoHundredSteps() {
        var counts = new ArrayList<Integer>();
        var run =
                new Run(
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
    void schedulesWarmUpFromTheFirstStepAndEndLow() {
        assertEquals(0.25, Schedule.COSINE.factor(1, 100, 4));
        assertEquals(1.0, Schedule.COSINE.factor(4, 100, 4));
        assertEquals(1.0, Schedule.COSINE.factor(5, 100, 4));
        assertEquals(0.5, Schedule.COSINE.factor(53, 100, 4), 1e-12);
        assertTrue(Schedule.COSINE.factor(100, 100, 4) < 1e-3);
        assertTrue(Schedule.COSINE.factor(100, 100, 4) > 0);
        assertEquals(0.5, Schedule.LINEAR.factor(51, 100, 0), 1e-12);
        assertEquals(1.0, Schedule.CONSTANT.factor(100, 100, 4));
        assertThrows(IllegalArgumentException.class, () -> Schedule.COSINE.factor(101, 100, 4));
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
