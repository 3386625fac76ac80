package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.train.SpiralRun.config;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lowrank.linalg.DivergedException;

/** How a run ends that has left the numbers, and one that has not. */
class DivergedRunTest {

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
    void aLossThatIsNotFiniteEndsTheRunAsDivergedAndKeepsWhatWasDone() {
        var run =
                new SpiralRun(
                        manager,
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

    private SpiralRun poisoned;

    @Test
    void anEvaluationThatMeetsAValueThatIsNotFiniteIsNamedByTheStepBeforeIt() {
        var run = new SpiralRun(manager, config(20).withEvaluateEvery(4));
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
        var run = new SpiralRun(manager, config(4));
        run.evaluation = () -> Math.floorDiv(1, 0);
        var error = assertThrows(ArithmeticException.class, run.loop::run);
        assertEquals("/ by zero", error.getMessage());
    }
}
