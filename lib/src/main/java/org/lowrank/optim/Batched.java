package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.lowrank.adapter.PairStack;

/** Products over the layers of a stack, in float64, and writes in place. */
final class Batched {

    private Batched() {}

    /** The manager of the factors, which knows their device. */
    static NDManager manager(List<PairStack> stacks) {
        return stacks.get(0).loraA().getManager();
    }

    static NDArray float64(NDArray array) {
        return array.toType(DataType.FLOAT64, false);
    }

    /** The same values in the type of {@code like}. */
    static NDArray as(NDArray array, NDArray like) {
        return array.toType(like.getDataType(), false);
    }

    /** Xᵀ of every layer, a view. */
    static NDArray transposed(NDArray x) {
        return x.transpose(0, 2, 1);
    }

    /** The largest |entry| of every layer, (layers, 1, 1), float64; NaN where there is one. */
    static NDArray largest(NDArray x) {
        long layers = x.getShape().get(0);
        var largest = x.abs().reshape(layers, -1).max(new int[] {1});
        return float64(largest).reshape(layers, 1, 1);
    }

    /** The sum of every layer, (layers, 1, 1), float64; not finite where an entry is not. */
    static NDArray sums(NDArray x) {
        return float64(x.sum(new int[] {1, 2}, true));
    }

    /**
     * Zeros that outlive the step, also where the caller works in an {@link NDScope} of its own.
     */
    static NDArray kept(NDManager owner, Shape shape, DataType type) {
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var zeros = owner.zeros(shape, type);
            NDScope.unregister(zeros);
            return zeros;
        }
    }

    /** Writes values into an array that others share storage with. */
    static void assign(NDArray target, NDArray values) {
        target.set(new NDIndex("..."), values);
    }
}
