package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Idioms of stacked arrays (layers, p, q), and writes that are safe where storage is shared. */
public final class Arrays {

    private Arrays() {}

    /** To read only: a float64 array is given back as it is. */
    public static NDArray float64(NDArray array) {
        return array.toType(DataType.FLOAT64, false);
    }

    /** The same values in the type of {@code like}; to read only. */
    public static NDArray as(NDArray array, NDArray like) {
        return array.toType(like.getDataType(), false);
    }

    /** Xᵀ of every layer, a view. */
    public static NDArray transposed(NDArray x) {
        return x.transpose(0, 2, 1);
    }

    /** The largest |entry| of every layer, (layers, 1, 1), float64; NaN where there is one. */
    public static NDArray largest(NDArray x) {
        long layers = x.getShape().get(0);
        var largest = x.abs().reshape(layers, -1).max(new int[] {1});
        return float64(largest).reshape(layers, 1, 1);
    }

    /** The sum of every layer, (layers, 1, 1), float64; not finite where an entry is not. */
    public static NDArray sums(NDArray x) {
        return float64(x.sum(new int[] {1, 2}, true));
    }

    /** Zeros that outlive the {@link NDScope} of a step, the caller's too. */
    public static NDArray kept(NDManager owner, Shape shape, DataType type) {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var zeros = owner.zeros(shape, type);
            NDScope.unregister(zeros);
            return zeros;
        }
    }

    /**
     * Writes values into an array that others share storage with; {@code set(buffer)} and {@code
     * copyTo} would rebind it to other storage instead.
     */
    public static void assign(NDArray target, NDArray values) {
        target.set(new NDIndex("..."), values);
    }
}
