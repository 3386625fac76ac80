package org.lowrank.task.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixSensingTest {

    private static final MatrixSensing.Setting SETTING =
            new MatrixSensing.Setting(7, 5, 2, 30, 100, 2, 0.3);

    @ParameterizedTest
    @ValueSource(ints = {0, 30})
    void theGradientIsTheSlopeOfTheLoss(int measurements) {
        var setting = new MatrixSensing.Setting(7, 5, 2, measurements, 100, 2, 0.3);
        try (var problem = new MatrixSensing(setting, 1);
                var gradient = problem.gradient()) {
            assertSlopes(problem, problem.stack().loraA(), gradient.gradA());
            assertSlopes(problem, problem.stack().loraB(), gradient.gradB());
        }
    }

    private static void assertSlopes(MatrixSensing problem, NDArray factor, NDArray gradient) {
        double h = 1e-5;
        var expected = gradient.toDoubleArray();
        var shape = factor.getShape();
        for (int i = 0; i < expected.length; i++) {
            var cell = new NDIndex(0, i / shape.get(2), i % shape.get(2));
            double at = factor.getDouble(0, i / shape.get(2), i % shape.get(2));
            factor.set(cell, at + h);
            double above = problem.loss();
            factor.set(cell, at - h);
            double below = problem.loss();
            factor.set(cell, at);
            assertEquals((above - below) / (2 * h), expected[i], 1e-8);
        }
    }

    @Test
    void theTargetHasTheRankAndTheConditionThatWereAskedFor() {
        try (var problem = new MatrixSensing(SETTING, 4)) {
            var svd = DecompositionFactory_DDRM.svd(7, 5, false, false, true);
            svd.decompose(new DMatrixRMaj(7, 5, true, problem.target()));
            var values = svd.getSingularValues();
            SingularOps_DDRM.descendingOrder(null, false, values, 5, null, false);
            assertArrayEquals(new double[] {1, 0.01, 0, 0, 0}, values, 1e-14);
        }
    }

    @Test
    void manyMeasurementsKeepTheLengthOfAMatrix() {
        var setting = new MatrixSensing.Setting(7, 5, 2, 4000, 10, 1, 0);
        try (var problem = new MatrixSensing(setting, 2)) {
            double square = Arrays.stream(problem.target()).map(x -> x * x).sum();
            // B = 0: the loss is half the squared length of what is seen of the target
            assertEquals(1, 2 * problem.loss() / square, 0.1);
            assertEquals(1, problem.relativeError(), 1e-15);
        }
    }

    @Test
    void aChangeOfBasisMovesTheFactorsAndNotTheProduct() {
        try (var problem = new MatrixSensing(SETTING, 3)) {
            var before = problem.product();
            var factor = problem.stack().loraA().toDoubleArray();
            problem.changeBasis(new double[][] {{2, 0.7}, {-0.4, 0.5}});
            assertArrayEquals(before, problem.product(), 1e-14);
            assertTrue(Math.abs(factor[0] - problem.stack().loraA().toDoubleArray()[0]) > 1e-3);
        }
    }

    @Test
    void refusesASingularChangeOfBasisAndARankThatDoesNotFit() {
        try (var problem = new MatrixSensing(SETTING, 3)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> problem.changeBasis(new double[][] {{1, 2}, {2, 4}}));
        }
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new MatrixSensing.Setting(7, 5, 6, 0, 1, 1, 0));
        assertTrue(e.getMessage().contains("rank 6"), e.getMessage());
    }
}
