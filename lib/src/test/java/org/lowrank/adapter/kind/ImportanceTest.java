package org.lowrank.adapter.kind;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LinearAdapter;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;

/** Which triplets of AdaLoRA go first, and what their scores are. */
class ImportanceTest {

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

    private static NDArray singularValues(AdapterSet set, String path) {
        return ((AdaLoraAdapter) set.adapters().get(path)).singularValues();
    }

    @Test
    void theLeastImportantTripletsOfAllMatricesGoFirst() {
        // E alone has a gradient that differs: importance |E g| grows from triplet to triplet
        var config =
                LoraConfig.ofRank(3)
                        .withLayer(AdaLora.to(1, 2).choice())
                        .withTargetModules("first");
        try (var set = AdapterSet.inject(model, config, 3)) {
            var allocator = (RankAllocator) set.stepHook().orElseThrow();
            set.stacks().forEach(s -> s.loraB().muli(0));
            set.stacks().forEach(s -> s.loraA().muli(0));
            var values = new HashMap<String, float[]>();
            values.put("block.0.first", new float[] {0.1f, 5, 0.3f});
            values.put("block.1.first", new float[] {4, 0.2f, 3});
            try (var scratch = manager.newSubManager();
                    var collector = Engine.getInstance().newGradientCollector()) {
                var loss = scratch.zeros(new Shape());
                for (var entry : values.entrySet()) {
                    var e = singularValues(set, entry.getKey());
                    e.stopGradient().addi(scratch.create(entry.getValue()));
                    loss = loss.add(e.square().sum()); // gradient 2E, importance 2E²
                }
                for (var pair : set.pairs()) { // a gradient of zero
                    loss = loss.add(pair.loraA().square().sum()).add(pair.loraB().square().sum());
                }
                collector.backward(loss);
            }
            allocator.afterBackward(1);
            var scores = allocator.scores().get("block.0.first");
            // first step: mean 0.15 I, uncertainty 0.15 |I - 0.15 I|, I = 2 * 25
            assertEquals(0.15 * 50 * 0.15 * 0.85 * 50, scores[1], 1e-4);
            allocator.afterStep(1); // budget: 2 + floor(4 * (1/2)^3) = 2
            assertArrayEquals(
                    new boolean[] {false, true, false}, allocator.kept().get("block.0.first"));
            assertArrayEquals(
                    new boolean[] {true, false, false}, allocator.kept().get("block.1.first"));
            assertArrayEquals(
                    new float[] {0, 5, 0}, singularValues(set, "block.0.first").toFloatArray());
        }
    }

    @ParameterizedTest
    @EnumSource(AdaLora.Timing.class)
    void theScoresAreThoseOfPlainLoopsOverTheGradientsBeforeClipping(AdaLora.Timing timing) {
        var kind = AdaLora.to(1, 9).withSchedule(4, 0, 1).withTiming(timing);
        var config = LoraConfig.ofRank(3).withLayer(kind.choice()).withTargetModules("first");
        try (var set = AdapterSet.inject(model, config, 3)) {
            var hook = (RankAllocator) set.stepHook().orElseThrow();
            var arrays = new IdentityHashMap<NDArray, double[][]>();
            for (var adapter : set.adapters().values()) {
                var pair = adapter.pair();
                var e = ((AdaLoraAdapter) adapter).singularValues();
                for (var array : List.of(pair.loraA(), pair.loraB(), e)) {
                    arrays.put(array, new double[2][(int) array.size()]);
                }
            }
            for (int step = 1; step <= 3; step++) {
                try (var scratch = manager.newSubManager();
                        var collector = Engine.getInstance().newGradientCollector()) {
                    var loss = scratch.zeros(new Shape());
                    for (var array : arrays.keySet()) { // gradient 3w², and 1 where w is zero
                        loss = loss.add(array.square().mul(array).add(array).sum());
                    }
                    collector.backward(loss);
                }
                hook.afterBackward(step);
                for (var entry : arrays.entrySet()) {
                    var weight = entry.getKey();
                    float[] w = weight.toFloatArray();
                    try (var gradient = weight.getGradient();
                            var view = weight.stopGradient()) {
                        float[] g = gradient.toFloatArray();
                        gradient.muli(0.25); // clipped in place
                        view.subi(gradient);
                        smooth(
                                entry.getValue(),
                                timing == AdaLora.Timing.BEFORE_STEP ? w : weight.toFloatArray(),
                                g);
                        gradient.muli(0);
                    }
                }
                hook.afterStep(step);
            }
            set.adapters().forEach((path, a) -> assertScores(hook.scores().get(path), a, arrays));
        }
    }

    /** Ī and Ū of equations 10 and 11 with both betas 0.85. */
    private static void smooth(double[][] state, float[] w, float[] g) {
        for (int i = 0; i < w.length; i++) {
            double now = Math.abs((double) w[i] * g[i]);
            state[0][i] = 0.85 * state[0][i] + 0.15 * now;
            state[1][i] = 0.85 * state[1][i] + 0.15 * Math.abs(now - state[0][i]);
        }
    }

    private static void assertScores(
            double[] scores, LinearAdapter adapter, Map<NDArray, double[][]> arrays) {
        var a = arrays.get(adapter.pair().loraA());
        var b = arrays.get(adapter.pair().loraB());
        var e = arrays.get(((AdaLoraAdapter) adapter).singularValues());
        int in = a[0].length / 3;
        int out = b[0].length / 3;
        for (int i = 0; i < 3; i++) {
            double expected = e[0][i] * e[1][i];
            for (int j = 0; j < in; j++) {
                expected += a[0][i * in + j] * a[1][i * in + j] / in;
            }
            for (int j = 0; j < out; j++) {
                expected += b[0][j * 3 + i] * b[1][j * 3 + i] / out;
            }
            assertEquals(expected, scores[i], 1e-7 * expected);
        }
    }
}
