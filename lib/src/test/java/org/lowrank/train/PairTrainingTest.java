package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.rule.Factors;

/**
 * The methods of the quickstart, and one that draws, through the loop: adapters and one trained
 * bias as head.
 */
class PairTrainingTest {

    private NDManager manager;

    static Stream<Named<Supplier<PairOptimizer>>> methods() {
        return Stream.of(
                Named.of("LoRA", () -> Optimizers.create("adamw")),
                Named.of("LoRA-Pro", () -> Optimizers.create("lora_pro")),
                Named.of(
                        "LoRA-Pro, X at random",
                        () -> Optimizers.create("lora_pro", Map.of("x", "RANDOM"))),
                Named.of("AltLoRA", () -> Optimizers.create("altlora")));
    }

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private final class Run {
        final TinyMlp model = new TinyMlp(manager, 2, 5, 16, 3, 1);
        final SpiralObjective task = new SpiralObjective(model, manager, 300, 16, 5);
        final AdapterSet set = AdapterSet.inject(model, LoraConfig.ofRank(3), 11);
        final Map<String, NDArray> frozen = new HashMap<>(model.parameters());
        final Trained trained;
        final TrainingLoop loop;

        Run(PairOptimizer optimizer, TrainingConfig config, TrainingListener... listeners) {
            var head = "block.1.second.bias";
            trained =
                    new Trained(
                            model,
                            set,
                            optimizer,
                            Map.of(head, frozen.remove(head)),
                            new ParameterAdamW(0));
            loop = new TrainingLoop(trained, task, task, config, 7, List.of(listeners));
        }

        Map<String, float[]> factors() {
            var all = new HashMap<String, float[]>();
            for (var pair : set.pairs()) {
                all.put(pair.path() + ".A", pair.loraA().toFloatArray());
                all.put(pair.path() + ".B", pair.loraB().toFloatArray());
            }
            return all;
        }
    }

    private static TrainingConfig config(int steps) {
        return TrainingConfig.of(steps, 0.05);
    }

    private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
        expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void learnsWhileTheBaseStaysBitEqual(Supplier<PairOptimizer> method) {
        var optimizer = method.get();
        // AltLoRA has no second moment: its rate is a fraction of the step to the optimum.
        var rate = optimizer.needs().reads() == Factors.A ? 1.0 : 0.05;
        var run = new Run(optimizer, TrainingConfig.of(150, rate));
        var before = new HashMap<String, float[]>();
        run.frozen.forEach((name, array) -> before.put(name, array.toFloatArray()));
        var result = run.loop.run();
        assertEquals(TrainingResult.Status.FINISHED, result.status(), result.message());
        assertTrue(result.meanLossOfLast(20) < 0.8 * result.steps().get(0).loss());
        assertTrue(result.finalMetrics().get("accuracy") > 0.7, result.finalMetrics().toString());
        before.forEach(
                (name, values) ->
                        assertArrayEquals(values, run.frozen.get(name).toFloatArray(), name));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aRunSavedAndLoadedEndsBitEqual(Supplier<PairOptimizer> method) throws IOException {
        var straight = new Run(method.get(), config(20));
        straight.loop.run();
        var bytes = new ByteArrayOutputStream();
        var interrupted =
                new TrainingListener() {
                    private Run run;

                    @Override
                    public void afterStep(StepReport report) {
                        if (report.step() == 9) {
                            try {
                                run.loop.state().save(new DataOutputStream(bytes), run.trained);
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        interrupted.run = new Run(method.get(), config(20), interrupted);
        interrupted.run.loop.run();
        var resumed = new Run(method.get(), config(20));
        resumed.loop
                .state()
                .load(
                        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())),
                        resumed.trained);
        resumed.loop.run();
        assertSame(straight.factors(), resumed.factors());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theNumberOfNativeArraysIsFlatOverTwoHundredSteps(Supplier<PairOptimizer> method) {
        var counts = new ArrayList<Integer>();
        var run =
                new Run(
                        method.get(),
                        config(200),
                        new TrainingListener() {
                            @Override
                            public void afterStep(StepReport report) {
                                if (report.step() % 20 == 0) {
                                    counts.add(manager.getManagedArrays().size());
                                }
                            }
                        });
        run.loop.run();
        assertEquals(10, counts.size());
        assertEquals(1, counts.stream().distinct().count(), counts.toString());
    }

    @Test
    void aMethodThatHasNoStepAtItsFactorsEndsTheRunAsAResultThatSaysWhy() {
        Run[] run = new Run[1];
        run[0] =
                new Run(
                        Optimizers.create("altlora", Map.of("damping", 0.0)),
                        TrainingConfig.of(4, 0.02),
                        new TrainingListener() {
                            @Override
                            public void beforeStep(long step) {
                                if (step == 2) {
                                    run[0].set.pairs().forEach(this::makeSingular);
                                }
                            }

                            private void makeSingular(LoraPair pair) {
                                try (var a = pair.loraA().stopGradient();
                                        var row = a.get(0)) {
                                    a.set(new NDIndex("1"), row);
                                }
                            }
                        });
        var result = run[0].loop.run();
        assertEquals(TrainingResult.Status.DIVERGED, result.status());
        assertEquals(1, result.steps().size());
        assertTrue(result.message().startsWith("step 2: block."), result.message());
        assertTrue(result.message().contains("singular"), result.message());
    }

    @Test
    void anOptimizerThatDoesNotReachTheFactorsIsFoundOutAtTheFirstStep() {
        var deaf =
                PairOptimizer.of(
                        (step, directions) ->
                                directions.stream()
                                        .map(d -> new PairGradient(null, null))
                                        .toList());
        var run = new Run(deaf, config(3));
        var error = assertThrows(IllegalStateException.class, run.loop::run);
        assertTrue(error.getMessage().contains("block.0.first"), error.getMessage());
    }
}
