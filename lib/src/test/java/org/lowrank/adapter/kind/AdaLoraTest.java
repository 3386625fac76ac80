package org.lowrank.adapter.kind;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.Schedule;
import org.lowrank.train.SpiralObjective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

class AdaLoraTest {

    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 2, 5, 8, 5, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    @ParameterizedTest(name = "step {0}: budget {1}, prunes {2}")
    @CsvSource({
        // tInit 10, tFinal 20, totalSteps 110, deltaT 5, from 48 triplets to 16: the cubic part
        // runs over 80 steps, and 32 (1 - k/80)^3 is left above 16 after k of them
        "1, 48, false",
        "10, 48, false",
        "11, 46, false", // 16 + floor(32 * (79/80)^3 = 30.81)
        "15, 42, true", // 16 + floor(32 * (75/80)^3 = 26.37)
        "50, 20, true", // 16 + floor(32 / 8 = 4)
        "51, 19, false", // 16 + floor(32 * (39/80)^3 = 3.71)
        "89, 16, false",
        "90, 16, true",
        "91, 16, true",
        "110, 16, true",
        "111, 16, true",
    })
    void theBudgetFollowsTheCubicScheduleAtItsCorners(long step, int budget, boolean prunes) {
        var settings = AdaLora.to(4, 110).withSchedule(10, 20, 5);
        assertEquals(budget, settings.budget(step, 48, 16));
        assertEquals(prunes, settings.prunes(step));
    }

    @Test
    void theBudgetNeverGrowsAndNeverFallsBelowTheTarget() {
        for (int tInit : new int[] {0, 3}) {
            for (int tFinal : new int[] {0, 7}) {
                var settings = AdaLora.to(2, 40).withSchedule(tInit, tFinal, 1);
                int before = 37;
                for (int step = 1; step <= 45; step++) {
                    int budget = settings.budget(step, 37, 12);
                    assertTrue(budget <= before && budget >= 12);
                    before = budget;
                }
                assertEquals(12, before);
            }
        }
    }

    private TrainingLoop loop(
            AdapterSet set, PairOptimizer optimizer, ParameterAdamW other, int steps) {
        var objective = new SpiralObjective(model, manager, 90, 30, 5);
        var trained = new Trained(model, set, optimizer, Map.of(), other);
        var config = TrainingConfig.of(steps, 0.02).withSchedule(Schedule.CONSTANT, 0);
        return new TrainingLoop(trained, objective, objective, config, 9, List.of());
    }

    @ParameterizedTest
    @EnumSource(AdaLora.Timing.class)
    void aRunEndsWithTheTargetNumberOfRanksAndNeverHasFewer(AdaLora.Timing timing) {
        var kind = AdaLora.to(2, 30).withSchedule(4, 6, 2).withTiming(timing);
        var config = LoraConfig.ofRank(4).withLayer(kind.choice());
        try (var set = AdapterSet.inject(model, config, 3);
                var optimizer = Optimizers.create("adamw");
                var other = new ParameterAdamW(0)) {
            var allocator = (RankAllocator) set.stepHook().orElseThrow();
            for (int steps : new int[] {4, 16, 24, 30}) {
                var loop = loop(set, optimizer, other, steps);
                assertEquals(TrainingResult.Status.FINISHED, loop.run().status());
                assertTrue(allocator.keptCount() >= 8, "16 triplets at first, 8 at the end");
                if (steps == 4) {
                    assertEquals(16, allocator.keptCount());
                }
            }
            assertEquals(8, allocator.keptCount());
            assertEquals(8, nonZero(set));
            allocator
                    .kept()
                    .forEach(
                            (path, kept) -> {
                                var e = singularValues(set, path).toFloatArray();
                                for (int i = 0; i < e.length; i++) {
                                    assertEquals(kept[i], e[i] != 0, path + " " + i);
                                }
                            });
        }
    }

    private static NDArray singularValues(AdapterSet set, String path) {
        return ((AdaLoraAdapter) set.adapters().get(path)).singularValues();
    }

    private static int nonZero(AdapterSet set) {
        int count = 0;
        for (var path : set.adapters().keySet()) {
            for (float e : singularValues(set, path).toFloatArray()) {
                count += e != 0 ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void theSingularValuesMoveAtTheRateOfTheFactors() {
        var config =
                LoraConfig.ofRank(3).withLayer(AdaLora.to(3, 9).withSchedule(4, 0, 1).choice());
        try (var set = AdapterSet.inject(model, config, 3);
                var optimizer = Optimizers.create("adamw");
                var other = new ParameterAdamW(0)) {
            var objective = new SpiralObjective(model, manager, 90, 30, 5);
            var trained = new Trained(model, set, optimizer, Map.of(), other);
            var step =
                    TrainingConfig.of(1, 0.01)
                            .withHeadLearningRate(1e-6)
                            .withSchedule(Schedule.CONSTANT, 0);
            new TrainingLoop(trained, objective, objective, step, 9, List.of()).run();
            for (var path : set.adapters().keySet()) {
                for (float e : singularValues(set, path).toFloatArray()) {
                    assertEquals(0.01, Math.abs(e), 1e-4, "Adam's first step is the rate");
                }
            }
        }
    }

    @Test
    void thePenaltyIsTheMeanDistanceFromOrthonormalFactors() {
        var config =
                LoraConfig.ofRank(2)
                        .withLayer(AdaLora.to(1, 10).choice())
                        .withTargetModules("first");
        try (var set = AdapterSet.inject(model, config, 3);
                var scratch = manager.newSubManager()) {
            double sum = 0;
            for (var pair : set.pairs()) {
                sum += distance(pair.loraA().toFloatArray(), 2, 5, false);
                sum += distance(pair.loraB().toFloatArray(), 8, 2, true);
            }
            var penalty = set.stepHook().orElseThrow().penalty(scratch);
            assertEquals(0.5 * sum / 4, penalty.getFloat(), 1e-6);
        }
    }

    /** ‖MMᵀ - I‖ or ‖MᵀM - I‖ by plain loops. */
    private static double distance(float[] m, int rows, int columns, boolean ofColumns) {
        int size = ofColumns ? columns : rows;
        double squares = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double dot = i == j ? -1 : 0;
                for (int k = 0; k < (ofColumns ? rows : columns); k++) {
                    dot +=
                            ofColumns
                                    ? (double) m[k * columns + i] * m[k * columns + j]
                                    : (double) m[i * columns + k] * m[j * columns + k];
                }
                squares += dot * dot;
            }
        }
        return Math.sqrt(squares);
    }

    @Test
    void orthonormalFactorsHaveAFinitePenaltyGradient() {
        var config =
                LoraConfig.ofRank(2)
                        .withLayer(AdaLora.to(1, 10).choice())
                        .withTargetModules("first");
        try (var set = AdapterSet.inject(model, config, 3)) {
            for (var stack : set.stacks()) {
                stack.loraA().muli(0);
                stack.loraB().muli(0);
                for (int i = 0; i < 2; i++) {
                    stack.loraA().set(new NDIndex(":, " + i + ", " + i), 1);
                    stack.loraB().set(new NDIndex(":, " + i + ", " + i), 1);
                }
            }
            try (var scratch = manager.newSubManager();
                    var collector = Engine.getInstance().newGradientCollector()) {
                collector.backward(set.stepHook().orElseThrow().penalty(scratch));
            }
            for (var gradient : set.gradients(manager)) {
                assertEquals(0, gradient.gradA().abs().max().getFloat());
            }
        }
    }

    @Test
    void theStateOfTheAllocatorIsWrittenAndReadBitForBit() throws Exception {
        var kind = AdaLora.to(2, 12).withSchedule(2, 2, 2);
        var config = LoraConfig.ofRank(4).withLayer(kind.choice());
        try (var set = AdapterSet.inject(model, config, 3);
                var optimizer = Optimizers.create("adamw");
                var other = new ParameterAdamW(0)) {
            loop(set, optimizer, other, 7).run();
            var bytes = new ByteArrayOutputStream();
            var hook = (RankAllocator) set.stepHook().orElseThrow();
            hook.save(new DataOutputStream(bytes));
            var twin = new TinyMlp(manager, 2, 5, 8, 5, 1);
            try (var again = AdapterSet.inject(twin, config, 3)) {
                var read = (RankAllocator) again.stepHook().orElseThrow();
                assertFalse(Arrays.equals(first(hook.scores()), first(read.scores())));
                read.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
                hook.scores().forEach((p, s) -> assertArrayEquals(s, read.scores().get(p)));
                hook.kept().forEach((p, k) -> assertArrayEquals(k, read.kept().get(p)));
            }
        }
    }

    private static double[] first(Map<String, double[]> scores) {
        return scores.values().iterator().next();
    }

    @Test
    void whatAdaLoraCannotBeCombinedWithIsRefusedWithTheReason() {
        var config = LoraConfig.ofRank(2).withLayer(AdaLora.to(1, 10).choice());
        try (var set = AdapterSet.inject(model, config, 3);
                var pro = Optimizers.create("lora_pro");
                var other = new ParameterAdamW(0)) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> new Trained(model, set, pro, Map.of(), other));
            assertTrue(error.getMessage().contains("s diag(E) Bᵀ G"), error.getMessage());
        }
        refused("rsLoRA", config.withRslora(true));
        refused("targetRank 3", LoraConfig.ofRank(2).withLayer(AdaLora.to(3, 10).choice()));
        assertThrows(IllegalArgumentException.class, () -> AdaLora.to(1, 10).withSchedule(5, 5, 1));
    }

    private void refused(String message, LoraConfig config) {
        var error =
                assertThrows(
                        IllegalArgumentException.class, () -> AdapterSet.inject(model, config, 1));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }
}
