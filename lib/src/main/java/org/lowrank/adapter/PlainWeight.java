package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.core.Linear;
import org.lowrank.engine.Arrays;

/**
 * W0 as an array of the type that is computed in, float32 or float64.
 *
 * @param stored W0 (out, in); it belongs to this weight
 */
public record PlainWeight(NDArray stored) implements FrozenWeight {

    public PlainWeight {
        if (stored.getShape().dimension() != 2) {
            throw new IllegalArgumentException(
                    "a weight has the shape (out, in), not " + stored.getShape());
        }
    }

    @Override
    public long in() {
        return stored.getShape().get(1);
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
        return Linear.linear(x, stored, bias).singletonOrThrow();
    }

    @Override
    public FrozenWeight copy(NDManager owner) {
        return new PlainWeight(Arrays.copy(stored, type(), owner));
    }

    @Override
    public NDArray dense(NDManager owner, DataType type) {
        return Arrays.copy(stored, type, owner);
    }

    @Override
    public void addTo(NDArray sum) {
        sum.addi(stored);
    }

    @Override
    public NDArray leaf() {
        return Arrays.leaf(stored);
    }

    @Override
    public void replace(NDArray dense) {
        try (var rounded = dense.toType(type(), true)) {
            Arrays.assign(stored, rounded);
        }
    }

    @Override
    public void close() {
        stored.close();
    }
}
