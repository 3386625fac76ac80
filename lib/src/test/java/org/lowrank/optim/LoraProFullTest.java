package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.XChoice;

/**
 * Full mode in float32, some pairs at a time, beside itself in float64, which the golden steps hold
 * against the paper's equations.
 */
class LoraProFullTest {

    private static final int OUT = 12;
    private static final int IN = 50;
    private static final int LAYERS = 3;

    /** More steps than PyTorch needs to have compiled the program anew. */
    private static final int STEPS = 6;

    @ParameterizedTest
    @ValueSource(longs = {1, 4})
    void float32TakesTheStepsOfFloat64(long rank) {
        double[] expected = steps(DataType.FLOAT64, rank);
        double[] seen = steps(DataType.FLOAT32, rank);
        assertArrayEquals(expected, seen, 2e-5);
    }

    /** The factors of all layers after the steps. */
    private static double[] steps(DataType type, long rank) {
        // an epsilon beside which the rounding of a gradient that is nearly 0 is small
        var adam = new AdamMoments(0.9, 0.999, 1e-2);
        var stage =
                new LoraProFull(new LoraPro(XChoice.SYLVESTER, 1e-8), adam, LoraProFull.Form.PAPER);
        try (var manager = NDManager.newBaseManager();
                var optimizer = PairOptimizer.of(stage)) {
            var a = array(manager, 1, new Shape(LAYERS, rank, IN), type);
            var b = array(manager, 2, new Shape(LAYERS, OUT, rank), type);
            var stack = new PairStack(List.of("one", "two", "three"), a, b, 2);
            var before = a.duplicate();
            for (int t = 0; t < STEPS; t++) {
                var gradient =
                        new PairGradient(
                                array(manager, 10 + t, a.getShape(), type),
                                array(manager, 20 + t, b.getShape(), type));
                optimizer.step(List.of(stack), List.of(gradient), 0.01);
            }
            assertEquals(
                    0, a.eq(before).sum().toType(DataType.INT64, false).getLong(), "all moved");
            return a.flatten().concat(b.flatten()).toType(DataType.FLOAT64, false).toDoubleArray();
        }
    }

    private static NDArray array(NDManager manager, long seed, Shape shape, DataType type) {
        var values = new Random(seed).doubles(shape.size(), -1, 1).toArray();
        var made = Arrays.nativeCopy(manager, values, shape);
        return type == DataType.FLOAT64 ? made : made.toType(type, true);
    }
}
