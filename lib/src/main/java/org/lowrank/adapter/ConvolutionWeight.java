package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.lowrank.engine.Arrays;

/**
 * W0 of a convolution as plain numbers.
 *
 * @param stored W0 (out, channels, kernel, kernel), which everything but files sees as (out,
 *     channels · kernel · kernel); it belongs to this weight
 */
public record ConvolutionWeight(Patches patches, NDArray stored) implements FrozenWeight {

    public ConvolutionWeight {
        if (!stored.getShape().equals(patches.weight(stored.getShape().get(0)))) {
            throw new IllegalArgumentException(
                    "a weight " + stored.getShape() + " for a convolution of " + patches);
        }
    }

    @Override
    public long in() {
        return patches.size();
    }

    @Override
    public long out() {
        return stored.getShape().get(0);
    }

    @Override
    public DataType type() {
        return stored.getDataType();
    }

    @Override
    public NDArray product(NDArray x, NDArray bias) {
        return patches.product(x, stored, bias);
    }

    @Override
    public FrozenWeight copy(NDManager owner) {
        return new ConvolutionWeight(patches, Arrays.copy(stored, type(), owner));
    }

    @Override
    public NDArray dense(NDManager owner, DataType type) {
        try (var copy = Arrays.copy(stored, type, owner)) {
            var flat = copy.reshape(out(), in());
            flat.attach(owner);
            return flat;
        }
    }

    @Override
    public NDArray leaf() {
        try (var flat = stored.reshape(out(), in())) {
            return Arrays.leaf(flat);
        }
    }

    @Override
    public void replace(NDArray dense) {
        try (var rounded = dense.toType(type(), true);
                var shaped = rounded.reshape(stored.getShape())) {
            Arrays.assign(stored, shaped);
        }
    }

    @Override
    public void close() {
        stored.close();
    }
}
