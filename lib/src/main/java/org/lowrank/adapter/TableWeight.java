package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import org.lowrank.engine.Arrays;

/**
 * W0 of a table of embeddings, whose inputs are ids: as a matrix it is (out, in), one column an id.
 *
 * @param stored W0 turned, (in, out), one row an id, as PyTorch has it; it belongs to this weight
 */
public record TableWeight(NDArray stored) implements FrozenWeight {

    /** Rows of a matrix by ids (...), int64, with gradients to the matrix: (..., columns). */
    public static NDArray rows(NDArray matrix, NDArray ids) {
        return Embedding.embedding(ids, matrix, SparseFormat.DENSE).singletonOrThrow();
    }

    @Override
    public long in() {
        return stored.getShape().get(0);
    }

    @Override
    public long out() {
        return stored.getShape().get(1);
    }

    @Override
    public DataType type() {
        return stored.getDataType();
    }

    @Override
    public NDArray product(NDArray ids, NDArray bias) {
        return rows(stored, ids);
    }

    @Override
    public FrozenWeight asHead() {
        return new PlainWeight(stored);
    }

    @Override
    public FrozenWeight copy(NDManager owner) {
        return new TableWeight(Arrays.copy(stored, type(), owner));
    }

    @Override
    public NDArray dense(NDManager owner, DataType type) {
        try (var turned = stored.transpose()) {
            return Arrays.copy(turned, type, owner);
        }
    }

    @Override
    public NDArray leaf() {
        try (var turned = stored.transpose()) {
            return Arrays.leaf(turned);
        }
    }

    @Override
    public void replace(NDArray dense) {
        try (var rounded = dense.toType(type(), true);
                var turned = rounded.transpose()) {
            Arrays.assign(stored, turned);
        }
    }

    @Override
    public void close() {
        stored.close();
    }
}
