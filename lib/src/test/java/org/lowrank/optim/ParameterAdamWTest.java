package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lowrank.linalg.DivergedException;

class ParameterAdamWTest {

    private static final double DECAY = 0.1;

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray full(double value) {
        return manager.full(new Shape(2), (float) value, DataType.FLOAT64);
    }

    @Test
    void threeStepsGiveTheNumbersOfThePublishedAlgorithm() {
        // w = 1, g = 0.5, -1, 0.25, rate 0.1, decay 0.1; worked out in 40 decimal digits.
        double[] expected = {0.89000000199999996, 0.91771035422056560, 0.92220231677677076};
        double[] gradients = {0.5, -1, 0.25};
        var w = full(1);
        w.setRequiresGradient(true);
        try (var optimizer = new ParameterAdamW(DECAY)) {
            for (int t = 0; t < 3; t++) {
                optimizer.step(Map.of("w", w), Map.of("w", full(gradients[t])), 0.1);
                assertEquals(expected[t], w.toDoubleArray()[1], 1e-15);
            }
            assertEquals(2 * 2 * 8, optimizer.stateBytes());
        }
    }

    @Test
    void aTableOfManyRowsMovesAsEachOfItsRowsDoesAlone() {
        // 1030 rows of 500: more than one slice, and the last one is not full.
        long rows = 1030;
        manager.getEngine().setRandomSeed(1);
        var table = manager.randomNormal(new Shape(rows, 500));
        var alone = new TreeMap<String, NDArray>();
        for (long i = 0; i < rows; i++) {
            alone.put("row" + i, table.get(i).duplicate());
        }
        table.setRequiresGradient(true);
        try (var whole = new ParameterAdamW(DECAY);
                var single = new ParameterAdamW(DECAY)) {
            for (int t = 0; t < 3; t++) {
                var gradient = manager.randomNormal(table.getShape());
                var gradients = new TreeMap<String, NDArray>();
                for (long i = 0; i < rows; i++) {
                    gradients.put("row" + i, gradient.get(i));
                }
                whole.step(Map.of("table", table), Map.of("table", gradient), 0.1);
                single.step(alone, gradients, 0.1);
            }
            for (long i : new long[] {0, 130, 131, 132, 1029}) {
                assertArrayEquals(
                        alone.get("row" + i).toFloatArray(),
                        table.get(i).toFloatArray(),
                        "row " + i);
            }
        }
    }

    @Test
    void goesOnBitEqualAfterARestart() throws IOException {
        var straight = full(1);
        var halved = full(1);
        try (var one = new ParameterAdamW(DECAY);
                var first = new ParameterAdamW(DECAY);
                var second = new ParameterAdamW(DECAY)) {
            for (int t = 0; t < 6; t++) {
                one.step(Map.of("w", straight), Map.of("w", full(Math.sin(t))), 0.1);
            }
            for (int t = 0; t < 3; t++) {
                first.step(Map.of("w", halved), Map.of("w", full(Math.sin(t))), 0.1);
            }
            var bytes = new ByteArrayOutputStream();
            first.save(new DataOutputStream(bytes));
            var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            second.load(in, Map.of("w", halved));
            for (int t = 3; t < 6; t++) {
                second.step(Map.of("w", halved), Map.of("w", full(Math.sin(t))), 0.1);
            }
        }
        assertArrayEquals(straight.toDoubleArray(), halved.toDoubleArray());
    }

    @Test
    void aGradientThatIsNotFiniteIsRefusedByNameAndNothingMoves() {
        var head = full(1);
        var norm = full(2);
        var parameters = Map.of("head", head, "norm", norm);
        try (var optimizer = new ParameterAdamW(0)) {
            var gradients = Map.of("head", full(1), "norm", full(Double.NaN));
            var error =
                    assertThrows(
                            DivergedException.class,
                            () -> optimizer.step(parameters, gradients, 0.1));
            assertTrue(error.getMessage().startsWith("norm:"), error.getMessage());
            assertArrayEquals(new double[] {1, 1}, head.toDoubleArray());
            // The refused step is not counted: the next one is a first step, of size 1 · rate.
            optimizer.step(parameters, Map.of("head", full(1), "norm", full(-3)), 0.1);
            assertEquals(0.9, head.toDoubleArray()[0], 1e-8);
            assertEquals(2.1, norm.toDoubleArray()[0], 1e-8);
        }
    }

    @Test
    void aMissingGradientAndOtherParametersAreRefusedByName() {
        var parameters = Map.of("head", full(1));
        try (var optimizer = new ParameterAdamW(0)) {
            var missing =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> optimizer.step(parameters, Map.of(), 0.1));
            assertTrue(missing.getMessage().contains("head"), missing.getMessage());
            var other =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    optimizer.step(
                                            Map.of("body", full(1)), Map.of("body", full(1)), 1));
            assertTrue(other.getMessage().contains("body"), other.getMessage());
            assertThrows(
                    IllegalArgumentException.class, () -> optimizer.step(Map.of(), Map.of(), 0.1));
        }
    }
}
