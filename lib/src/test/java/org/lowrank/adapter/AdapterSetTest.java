package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdapterSetTest {

    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 3, 5, 7, 5, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    private float[] output() {
        try (var scratch = manager.newSubManager()) {
            return model.forward(scratch.ones(new Shape(2, 5)), false).toFloatArray();
        }
    }

    private void backward() {
        try (var scratch = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            var y = model.forward(scratch.ones(new Shape(2, 5)), true);
            collector.backward(y.mul(y).sum());
        }
    }

    @Test
    void freshAdaptersDoNotChangeTheOutputAndDetachingRestoresTheBase() {
        var base = output();
        var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 3);
        assertArrayEquals(base, output());
        set.stacks().get(0).loraB().addi(0.5f);
        assertFalse(java.util.Arrays.equals(base, output()), "the stack must reach the layers");
        set.close();
        assertArrayEquals(base, output());
        assertNull(model.linears().get("block.0.first").adapter());
    }

    @Test
    void pairsOfOneShapeShareAStackAndItsStorage() {
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 3)) {
            assertEquals(2, set.stacks().size());
            var stack = set.stacks().get(0);
            assertEquals(new Shape(3, 2, 5), stack.loraA().getShape());
            assertEquals(new Shape(3, 7, 2), stack.loraB().getShape());
            stack.loraA().subi(1f);
            var leaf = set.adapters().get("block.1.first").pair().loraA();
            assertArrayEquals(stack.loraA().get(1).toFloatArray(), leaf.toFloatArray());
        }
    }

    @Test
    void gradientsReachEveryPairAndNoBaseWeight() {
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.1f));
            backward();
            for (var gradient : set.gradients(manager)) {
                assertTrue(gradient.gradA().abs().min().getFloat() > 0);
                assertTrue(gradient.gradB().abs().min().getFloat() > 0);
            }
            model.parameters().values().forEach(p -> assertFalse(p.hasGradient()));
        }
    }

    @Test
    void gradientsAddUpUntilTheyAreZeroedAlsoWhenOneIsNaN() {
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 3)) {
            backward();
            var once = set.gradients(manager).get(0).gradB().toFloatArray();
            backward();
            var twice = set.gradients(manager).get(0).gradB().toFloatArray();
            for (int i = 0; i < once.length; i++) {
                assertEquals(2 * once[i], twice[i], 1e-5f * Math.abs(once[i]));
            }
            set.stacks().get(0).loraA().muli(Float.NaN);
            backward();
            set.zeroGradients();
            for (var gradient : set.gradients(manager)) {
                assertEquals(0f, gradient.gradA().abs().sum().getFloat());
                assertEquals(0f, gradient.gradB().abs().sum().getFloat());
            }
        }
    }

    @Test
    void theStartOfAPairDependsOnSeedAndPathAlone() {
        float[] all;
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 3)) {
            all = set.adapters().get("block.2.second").pair().loraA().toFloatArray();
        }
        try (var set =
                AdapterSet.inject(
                        model, LoraConfig.ofRank(2).withTargetModules("block.2.second"), 3)) {
            assertArrayEquals(all, set.pairs().get(0).loraA().toFloatArray());
            assertEquals(1, set.pairs().size());
        }
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 4)) {
            assertFalse(
                    java.util.Arrays.equals(
                            all,
                            set.adapters().get("block.2.second").pair().loraA().toFloatArray()));
        }
    }

    @Test
    void anUnknownTargetModuleListsTheNamesThereAre() {
        var config = LoraConfig.ofRank(2).withTargetModules("query");
        var error =
                assertThrows(
                        IllegalArgumentException.class, () -> AdapterSet.inject(model, config, 1));
        assertTrue(error.getMessage().contains("'query'"), error.getMessage());
        assertTrue(error.getMessage().contains("first, second"), error.getMessage());
        assertNull(model.linears().get("block.0.first").adapter());
    }

    @Test
    void aRankOutsideOneToMinIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> LoraConfig.ofRank(0));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> AdapterSet.inject(model, LoraConfig.ofRank(6), 1));
        assertTrue(error.getMessage().contains("block.0.first (7 x 5)"), error.getMessage());
    }

    @Test
    void theSummaryCountsAsPeftDoes() {
        try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 1)) {
            // a pair: 2 * (5 + 7) = 24, six of them; base: 3 * (5*7 + 7 + 7*5 + 5) = 246
            assertEquals(
                    "trainable params: 144 || all params: 390 || trainable%: 36.9231",
                    set.trainableSummary());
        }
    }
}
