package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch's kernel of Adam against the equations, entry by entry. */
class InPlaceTest {

    private static final AdamMoments ADAM = new AdamMoments(0.8, 0.99, 1e-3);
    private static final double RATE = 0.03;
    private static final double DECAY = 0.2;

    private static final int ROWS = 7;
    private static final int COLUMNS = 5;

    /** More steps than PyTorch needs to have compiled the program anew. */
    private static final int STEPS = 6;

    /** A transposed array has its entries in other places than its shape says. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void adamWIsItsEquations(boolean transposed) {
        try (var manager = NDManager.newBaseManager();
                var constants = new StepConstants(manager)) {
            var p = array(manager, 1, transposed);
            var m = manager.zeros(p.getShape(), DataType.FLOAT64);
            var v = manager.zeros(p.getShape(), DataType.FLOAT64);
            var expected = p.toDoubleArray();
            var first = new double[expected.length];
            var second = new double[expected.length];
            for (int t = 1; t <= STEPS; t++) {
                var g = array(manager, 10 + t, transposed);
                var kept = Map.of("firstMoment", m, "secondMoment", v);
                var step = new FactorStep(constants, p, t, RATE, kept::get);
                InPlace.adamW(ADAM, DECAY, List.of(step), List.of(g));
                var d = direction(g.toDoubleArray(), first, second, t);
                for (int i = 0; i < d.length; i++) {
                    expected[i] = expected[i] * (1 - RATE * DECAY) - RATE * d[i];
                }
                assertArrayEquals(expected, p.toDoubleArray(), 1e-14);
                assertArrayEquals(first, m.toDoubleArray(), 1e-15);
                assertArrayEquals(second, v.toDoubleArray(), 1e-15);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void directionIsItsEquation(boolean transposed) {
        try (var manager = NDManager.newBaseManager();
                var constants = new StepConstants(manager)) {
            var shape = transposed ? new Shape(COLUMNS, ROWS) : new Shape(ROWS, COLUMNS);
            var m = manager.zeros(shape, DataType.FLOAT64);
            var v = manager.zeros(shape, DataType.FLOAT64);
            var first = new double[ROWS * COLUMNS];
            var second = new double[ROWS * COLUMNS];
            for (int t = 1; t <= STEPS; t++) {
                var g = array(manager, 10 + t, transposed);
                var kept = Map.of("firstMoment", m, "secondMoment", v);
                var step = new FactorStep(constants, null, t, RATE, kept::get);
                var d = ADAM.direction(step, g).toDoubleArray();
                assertArrayEquals(direction(g.toDoubleArray(), first, second, t), d, 1e-14);
            }
        }
    }

    private static double[] direction(double[] g, double[] first, double[] second, int t) {
        var d = new double[g.length];
        for (int i = 0; i < g.length; i++) {
            first[i] = 0.8 * first[i] + 0.2 * g[i];
            second[i] = 0.99 * second[i] + 0.01 * g[i] * g[i];
            double root = Math.sqrt(second[i]) / Math.sqrt(1 - Math.pow(0.99, t));
            d[i] = first[i] / (1 - Math.pow(0.8, t)) / (root + 1e-3);
        }
        return d;
    }

    private static NDArray array(NDManager manager, long seed, boolean transposed) {
        var values = new Random(seed).doubles(ROWS * COLUMNS, -1, 1).toArray();
        var array = manager.create(values, new Shape(ROWS, COLUMNS)).duplicate();
        return transposed ? array.transpose() : array;
    }
}
