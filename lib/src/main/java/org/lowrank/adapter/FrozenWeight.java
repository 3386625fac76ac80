package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.lowrank.engine.Packing;

/**
 * The frozen W0 (out, in) of one linear map, however it is stored: as plain numbers ({@link
 * PlainWeight}), in half precision, in blocks of few bits. Adapters and gradients are float32
 * beside any of them.
 */
public interface FrozenWeight extends AutoCloseable {

    long in();

    long out();

    /** The type of what comes in and goes out, and so that of the adapter's factors. */
    DataType type();

    /**
     * x W0ᵀ + b, recorded for differentiation by x.
     *
     * @param x (..., in)
     * @param bias (out), or null; given here because the engine has one operation for both
     * @return (..., out)
     */
    NDArray product(NDArray x, NDArray bias);

    /**
     * x, before and behind which gradients are passed on apart where the backward pass of {@link
     * #product} is the library's own: all that read one x share what this gives.
     */
    default NDArray apart(NDArray x) {
        return x;
    }

    /**
     * The map from vectors back to scores of ids that shares the storage of a table: a head that is
     * tied to it. Of another weight it is the weight.
     */
    default FrozenWeight asHead() {
        return this;
    }

    /** The same in storage of its own. */
    FrozenWeight copy(NDManager owner);

    /**
     * A copy of W0 as plain numbers: for starts, DoRA, merging.
     *
     * @param owner what the copy is attached to
     */
    NDArray dense(NDManager owner, DataType type);

    /** sum += W0; without a copy where W0 lies as plain numbers. */
    default void addTo(NDArray sum) {
        try (var dense = dense(sum.getManager(), sum.getDataType())) {
            sum.addi(dense);
        }
    }

    /**
     * W0 as plain numbers that collect their own gradient, apart from any that W0 collects; it
     * shares W0's storage where W0 is plain. The caller closes it.
     */
    default NDArray leaf() {
        var leaf = dense(stored().getManager(), type());
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /**
     * Other values in place of W0, rounded to the way in which it is stored.
     *
     * @throws UnsupportedOperationException if that way cannot hold any values that come; the
     *     message says which way can
     */
    void replace(NDArray dense);

    /** Whether {@link #replace} is refused, as of a weight in few bits. */
    default boolean isFixed() {
        return false;
    }

    /** The array that is kept, itself: for hashes, for comparing bits, for counting bytes. */
    NDArray stored();

    /** How {@link #stored} has the numbers; null if as they are. */
    default Packing packing() {
        return null;
    }

    /** How many numbers W0 has. */
    default long size() {
        return in() * out();
    }

    @Override
    void close();
}
