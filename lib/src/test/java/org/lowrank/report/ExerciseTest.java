package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ExerciseTest {

    @Test
    void aRightAnswerPasses() {
        assertDoesNotThrow(() -> Exercise.check("it is so", true));
        assertDoesNotThrow(() -> Exercise.close("two", 2.0001, 2, 1e-3));
        assertDoesNotThrow(
                () -> Exercise.close("pair", new double[] {0, 1}, new double[] {1e-9, 1}, 1e-6));
    }

    @Test
    void aWrongOneFailsWithoutGivingTheRightOneAway() {
        var failure =
                assertThrows(
                        IllegalStateException.class,
                        () -> Exercise.close("the rank", 3, 192, 0.01));
        assertTrue(failure.getMessage().contains("the rank"));
        assertFalse(failure.getMessage().contains("192"));
        assertThrows(IllegalStateException.class, () -> Exercise.close("a", Double.NaN, 1, 1));
        assertThrows(
                IllegalStateException.class,
                () -> Exercise.close("a", new double[1], new double[] {1, 2}, 1));
    }

    @Test
    void aMatrixMustHaveTheRightShapeAndValues() {
        try (var manager = NDManager.newBaseManager()) {
            var right = manager.ones(new Shape(2, 3));
            assertDoesNotThrow(() -> Exercise.close("ones", right.mul(1.00001f), right, 1e-3));
            var failure =
                    assertThrows(
                            IllegalStateException.class,
                            () -> Exercise.close("ones", right.transpose(), right, 1e-3));
            assertTrue(failure.getMessage().contains("shape"));
            assertThrows(
                    IllegalStateException.class,
                    () -> Exercise.close("ones", right.mul(2), right, 1e-3));
        }
    }
}
