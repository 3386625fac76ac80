package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlainWeightTest {

    private static final float[] VALUES = {1, 2, 3, 4, 5, 6};

    private final NDManager manager = NDManager.newBaseManager();
    private final PlainWeight weight = new PlainWeight(array(VALUES, 2, 3));

    private NDArray array(float[] values, long... shape) {
        try (var overJavaBuffer = manager.create(values, new Shape(shape))) {
            return overJavaBuffer.duplicate();
        }
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void theProductIsThatOfALinearMap() {
        var x = array(new float[] {1, 0, -1}, 1, 3);
        assertArrayEquals(new float[] {-2, -2}, weight.product(x, null).toFloatArray());
        var bias = array(new float[] {10, 20}, 2);
        assertArrayEquals(new float[] {8, 18}, weight.product(x, bias).toFloatArray());
    }

    @Test
    void theDenseCopyIsApartFromTheWeightInEveryType() {
        for (var type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            try (var dense = weight.dense(manager, type)) {
                assertEquals(type, dense.getDataType());
                dense.muli(0);
            }
        }
        assertArrayEquals(VALUES, weight.stored().toFloatArray());
    }

    @Test
    void replacedValuesStandInTheSameArray() {
        var stored = weight.stored();
        weight.replace(array(new float[] {6, 5, 4, 3, 2, 1}, 2, 3).toType(DataType.FLOAT64, true));
        assertArrayEquals(new float[] {6, 5, 4, 3, 2, 1}, stored.toFloatArray());
        var sum = array(VALUES, 2, 3);
        weight.addTo(sum);
        assertArrayEquals(new float[] {7, 7, 7, 7, 7, 7}, sum.toFloatArray());
    }

    @Test
    void theLeafSharesTheValuesAndKeepsTheGradientToItself() {
        try (var leaf = weight.leaf()) {
            assertTrue(leaf.hasGradient());
            assertFalse(weight.stored().hasGradient());
            weight.replace(array(new float[] {0, 0, 0, 0, 0, 9}, 2, 3));
            assertEquals(9, leaf.getFloat(1, 2));
        }
    }

    @Test
    void aWeightOfAnotherShapeIsRefusedByTheLayer() {
        var layer = new AdaptableLinear(2, 3, false);
        var noWeight = assertThrows(IllegalStateException.class, layer::weight);
        assertTrue(noWeight.getMessage().contains("(3, 2)"), noWeight.getMessage());
        var refusal = assertThrows(IllegalArgumentException.class, () -> layer.hold(weight));
        assertTrue(refusal.getMessage().contains("(2, 3)"), refusal.getMessage());
    }
}
