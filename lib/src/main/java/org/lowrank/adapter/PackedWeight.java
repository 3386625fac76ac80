package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Tape;

/**
 * W0 in 16 bits or in blocks of few bits. A product makes float32 numbers of it and frees them, and
 * so does the product of the backward pass: nothing but the bytes is kept.
 *
 * @param stored bytes, row by row of W0, or of a table row by row of its ids; it belongs to this
 *     weight
 * @param isTable whether its inputs are ids, as of {@link TableWeight}
 */
public record PackedWeight(Packing packing, NDArray stored, boolean isTable)
        implements FrozenWeight {

    @Override
    public long in() {
        return isTable ? stored.getShape().get(0) : packing.columns(stored);
    }

    @Override
    public long out() {
        return isTable ? packing.columns(stored) : stored.getShape().get(0);
    }

    /** Of what comes in and goes out. */
    @Override
    public DataType type() {
        return DataType.FLOAT32;
    }

    @Override
    public NDArray apart(NDArray x) {
        return isTable ? x : Tape.cut(x);
    }

    @Override
    public NDArray product(NDArray x, NDArray bias) {
        if (isTable) {
            return packing.rows(x, stored);
        }
        boolean apart = bias != null && bias.hasGradient();
        var value = packing.product(x, stored, apart ? null : bias);
        var y = Tape.function(x, value, g -> packing.back(g, stored));
        return apart ? y.add(bias) : y;
    }

    @Override
    public FrozenWeight asHead() {
        return isTable ? new PackedWeight(packing, stored, false) : this;
    }

    @Override
    public FrozenWeight copy(NDManager owner) {
        var copy = stored.duplicate();
        copy.attach(owner);
        return new PackedWeight(packing, copy, isTable);
    }

    @Override
    public NDArray dense(NDManager owner, DataType type) {
        try (var dense = packing.dense(stored, owner);
                var turned = isTable ? dense.transpose() : dense.reshape(dense.getShape())) {
            return Arrays.copy(turned, type, owner);
        }
    }

    @Override
    public void replace(NDArray dense) {
        throw new UnsupportedOperationException(
                "a base in %s is not written to; take precision float32".formatted(packing));
    }

    @Override
    public boolean isFixed() {
        return true;
    }

    @Override
    public void close() {
        stored.close();
    }
}
