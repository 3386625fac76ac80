package org.lowrank.task.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import org.junit.jupiter.api.Test;

class OneExampleTest {

    @Test
    void theGradientIsTheSlopeOfTheLoss() {
        try (var example = new OneExample(6, 2, 2, 1)) {
            // B = 0 is a special point: look beside it
            example.stack().loraB().addi(0.2);
            try (var gradient = example.gradient()) {
                assertSlopes(example, example.stack().loraA(), gradient.gradA());
                assertSlopes(example, example.stack().loraB(), gradient.gradB());
            }
        }
    }

    private static void assertSlopes(OneExample example, NDArray factor, NDArray gradient) {
        double h = 1e-5;
        var expected = gradient.toDoubleArray();
        var shape = factor.getShape();
        for (int i = 0; i < expected.length; i++) {
            var cell = new NDIndex(0, i / shape.get(2), i % shape.get(2));
            double at = factor.getDouble(0, i / shape.get(2), i % shape.get(2));
            factor.set(cell, at + h);
            double above = example.loss();
            factor.set(cell, at - h);
            double below = example.loss();
            factor.set(cell, at);
            assertEquals((above - below) / (2 * h), expected[i], 1e-8);
        }
    }

    @Test
    void itStartsWithoutAFeatureAndWithALossOfAboutOneHalf() {
        try (var example = new OneExample(4000, 8, 2, 3)) {
            assertArrayEquals(new double[4000], example.feature());
            assertEquals(0.5, example.loss(), 0.05);
            double variance = example.stack().loraA().square().mean().toDoubleArray()[0];
            assertEquals(1 / (3.0 * 4000), variance, 0.05 / 4000);
        }
    }

    @Test
    void aChangeIsARootMeanSquare() {
        assertEquals(5, OneExample.change(new double[] {1, 2}, new double[] {8, 1}), 1e-15);
    }
}
