package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each trap of the engine, as it is without the call, and that the call avoids it. */
class ArraysTest {

    private final NDManager manager = NDManager.newBaseManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray three() {
        return Arrays.nativeCopy(manager, new float[] {1, 2, 3}, new Shape(3));
    }

    @Test
    void anArrayMadeInAScopeEndsWithItUnlessItIsKept() {
        NDArray lost;
        NDArray kept;
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            lost = manager.zeros(new Shape(2));
            kept = Arrays.kept(manager, new Shape(2), DataType.FLOAT32);
        }
        assertThrows(IllegalStateException.class, lost::toFloatArray);
        assertArrayEquals(new float[2], kept.toFloatArray());
    }

    @Test
    void aLeafOfTheGraphIsWrittenInPlace() {
        var leaf = three();
        leaf.setRequiresGradient(true);
        Arrays.assign(leaf, manager.zeros(new Shape(3)));
        assertArrayEquals(new float[3], leaf.toFloatArray());
        Arrays.assign(leaf, new float[] {4, 5, 6});
        assertArrayEquals(new float[] {4, 5, 6}, leaf.toFloatArray());
        assertTrue(leaf.hasGradient());
    }

    @Test
    void writingReachesWhatSharesStorage() {
        var stack = Arrays.kept(manager, new Shape(2, 3), DataType.FLOAT64);
        var leaf = Arrays.leaf(stack.get(1));
        Arrays.assign(leaf, new float[] {1, 2, 3});
        assertArrayEquals(new double[] {0, 0, 0, 1, 2, 3}, stack.toDoubleArray());
        stack.muli(2);
        assertArrayEquals(new double[] {2, 4, 6}, leaf.toDoubleArray());
    }

    @Test
    void settingABufferLosesTheSharedStorage() {
        var stack = Arrays.kept(manager, new Shape(2, 3), DataType.FLOAT32);
        var slice = stack.get(1);
        slice.set(new float[] {1, 2, 3});
        assertArrayEquals(new float[6], stack.toFloatArray());
    }

    @Test
    void aLeafCollectsItsGradientApart() {
        var weight = three();
        var leaf = Arrays.leaf(weight);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(leaf.mul(leaf).sum());
        }
        assertArrayEquals(new float[] {2, 4, 6}, leaf.getGradient().toFloatArray());
        assertFalse(weight.hasGradient());
    }

    @Test
    void aNativeCopyIsNotOverTheJavaBuffer() {
        var values = new float[] {1, 2, 3};
        var copy = Arrays.nativeCopy(manager, values, new Shape(3));
        values[0] = 9;
        assertEquals(1, copy.getFloat(0));
        assertEquals(
                DataType.FLOAT64,
                Arrays.nativeCopy(manager, new double[1], new Shape(1)).getDataType());
    }

    @Test
    void aCopyOfTheSameTypeSharesNothing() {
        var array = three();
        array.toType(DataType.FLOAT32, true).muli(2);
        assertArrayEquals(new float[] {2, 4, 6}, array.toFloatArray());
        Arrays.copy(array, DataType.FLOAT32, manager).muli(2);
        Arrays.upcast(Arrays.upcast(array, manager), manager).muli(2);
        assertArrayEquals(new float[] {2, 4, 6}, array.toFloatArray());
    }

    @Test
    void aGradientThatIsNotANumberBecomesZero() {
        var leaf = three();
        leaf.setRequiresGradient(true);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(leaf.mul(manager.full(new Shape(), Float.NaN)).sum());
            collector.zeroGradients();
        }
        assertTrue(Float.isNaN(leaf.getGradient().getFloat(0)));
        Arrays.zeroGradient(leaf);
        assertArrayEquals(new float[3], leaf.getGradient().toFloatArray());
    }
}
