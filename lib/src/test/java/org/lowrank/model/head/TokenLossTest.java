package org.lowrank.model.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.lowrank.engine.NormalArrays.normal;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.FrozenWeight;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.adapter.PlainWeight;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Tape;

class TokenLossTest {

    private static final int TOKENS = 600; // more than are multiplied at a time
    private static final int WORDS = 70;
    private static final int WIDTH = 12;

    /** The losses, then the gradient of their weighted sum by the hidden states. */
    private static float[][] pass(NDManager step, FrozenWeight head, Consumer<NDArray> backward) {
        var hidden = normal(step, new Random(1), new Shape(TOKENS, WIDTH));
        hidden.setRequiresGradient(true);
        var labels = step.create(new Random(3).longs(TOKENS, 0, WORDS).toArray());
        var losses = TokenLoss.each(hidden, head, labels);
        backward.accept(losses.mul(normal(step, new Random(4), new Shape(TOKENS))).sum());
        return new float[][] {losses.toFloatArray(), hidden.getGradient().toFloatArray()};
    }

    @Test
    void ofAFrozenHeadItIsWhatAutogradSays() {
        try (var manager = NDManager.newBaseManager()) {
            var head = new PlainWeight(normal(manager, new Random(2), new Shape(WORDS, WIDTH)));
            assertIsWhatAutogradSays(head, head, manager);
        }
    }

    @Test
    void ofAHeadInFewBitsItIsThatOfItsNumbers() {
        try (var manager = NDManager.newBaseManager()) {
            var numbers = normal(manager, new Random(2), new Shape(WORDS, WIDTH));
            var packing = Packing.BFLOAT16;
            var packed = new PackedWeight(packing, packing.of(numbers, manager), false);
            var rounded = new PlainWeight(packed.dense(manager, DataType.FLOAT32));
            assertIsWhatAutogradSays(rounded, packed, manager);
        }
    }

    private static void assertIsWhatAutogradSays(
            FrozenWeight plain, FrozenWeight head, NDManager manager) {
        float[][] expected;
        try (var collector = Engine.getInstance().newGradientCollector()) {
            expected = pass(manager, plain, collector::backward);
        }
        float[][] seen;
        try (var tape = Tape.recording()) {
            seen = pass(manager, head, tape::backward);
        }
        assertArrayEquals(expected[0], seen[0], 1e-5f);
        assertArrayEquals(expected[1], seen[1], 1e-5f);
    }

    /** Against −z_label + log Σ exp z in float64. */
    @Test
    void outsideAGraphItIsTheFormula() {
        try (var manager = NDManager.newBaseManager()) {
            var hidden = normal(manager, new Random(1), new Shape(TOKENS, WIDTH));
            var head = normal(manager, new Random(2), new Shape(WORDS, WIDTH));
            var labels = new Random(3).longs(TOKENS, 0, WORDS).toArray();
            var seen =
                    TokenLoss.each(hidden, new PlainWeight(head), manager.create(labels))
                            .toFloatArray();
            var h = hidden.toFloatArray();
            var w = head.toFloatArray();
            for (int t = 0; t < TOKENS; t++) {
                double sum = 0;
                double wanted = 0;
                for (int v = 0; v < WORDS; v++) {
                    double z = 0;
                    for (int i = 0; i < WIDTH; i++) {
                        z += (double) h[t * WIDTH + i] * w[v * WIDTH + i];
                    }
                    sum += Math.exp(z);
                    wanted = v == labels[t] ? z : wanted;
                }
                assertEquals(Math.log(sum) - wanted, seen[t], 1e-4);
            }
        }
    }
}
