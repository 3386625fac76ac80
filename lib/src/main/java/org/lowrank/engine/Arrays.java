package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Arrays that behave: what shares storage and what does not, what lives past a step, what a graph
 * sees; and idioms of stacked arrays (layers, p, q). Each of the engine's traps is stated once,
 * beside the call that avoids it.
 */
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
        return Loaded.PROGRAM.run(x.getManager(), "largest", x).singletonOrThrow();
    }

    /** Loaded when first asked for. */
    private static final class Loaded {

        /** The engine's {@code max} over an axis finds the places as well, at twice the time. */
        static final TorchProgram PROGRAM =
                TorchProgram.of(
                        """
                        def largest(self, x: Tensor) -> Tensor:
                          return torch.to(torch.amax(torch.abs(x), [1, 2], True), 7)
                        """);
    }

    /** The sum of every layer, (layers, 1, 1), float64; not finite where an entry is not. */
    public static NDArray sums(NDArray x) {
        return float64(x.sum(new int[] {1, 2}, true));
    }

    /** Frobenius norm of every layer, (layers, 1, 1). */
    public static NDArray norm(NDArray x) {
        return x.mul(x).sum(new int[] {1, 2}, true).sqrt();
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
     * Writes values into an array that others share storage with, a leaf of the graph included, and
     * unseen by it; {@code set(buffer)} and {@code copyTo} would rebind it to other storage
     * instead.
     */
    public static void assign(NDArray target, NDArray values) {
        try (var unseen = target.stopGradient()) {
            unseen.set(new NDIndex("..."), values);
        }
    }

    /** As {@link #assign(NDArray, NDArray)}, in the type of the target. */
    public static void assign(NDArray target, float[] values) {
        try (var scratch = target.getManager().newSubManager()) {
            assign(target, as(scratch.create(values, target.getShape()), target));
        }
    }

    /** True while operations are recorded for differentiation: under a gradient collector. */
    public static boolean graphIsRecorded() {
        return JniUtils.isGradMode();
    }

    /**
     * A leaf of the graph that shares storage with {@code array} and collects a gradient of its
     * own: what is stacked for the optimizer can be apart for the graph.
     */
    public static NDArray leaf(NDArray array) {
        var leaf = array.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /**
     * An array in storage of the engine. {@code create(values)} lies over a Java buffer: written in
     * place, or kept by a graph, it is read after the buffer was freed.
     */
    public static NDArray nativeCopy(NDManager owner, float[] values, Shape shape) {
        try (var overJavaBuffer = owner.create(values, shape)) {
            return overJavaBuffer.duplicate();
        }
    }

    /** As {@link #nativeCopy(NDManager, float[], Shape)}, in float64. */
    public static NDArray nativeCopy(NDManager owner, double[] values, Shape shape) {
        try (var overJavaBuffer = owner.create(values, shape)) {
            return overJavaBuffer.duplicate();
        }
    }

    /** A copy in a type, outside every graph, also where the array has that type already. */
    public static NDArray copy(NDArray array, DataType type, NDManager owner) {
        try (var view = array.stopGradient()) {
            // the engine shares storage where the type is the same, even if asked for a copy
            var copy = view.getDataType() == type ? view.duplicate() : view.toType(type, true);
            copy.attach(owner);
            return copy;
        }
    }

    /** A copy in float64, outside every graph. */
    public static NDArray upcast(NDArray array, NDManager owner) {
        return copy(array, DataType.FLOAT64, owner);
    }

    /**
     * Sets the gradient of a leaf to zero. The engine's {@code zeroGradients} subtracts it from
     * itself, so that one that has become NaN stays.
     */
    public static void zeroGradient(NDArray leaf) {
        // The scope frees the scalar that the engine makes of the 0.
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            leaf.getGradient().set(new NDIndex("..."), 0);
        }
    }
}
