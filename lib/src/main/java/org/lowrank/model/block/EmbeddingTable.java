package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;

/** A table (rows, width) of which indices pick rows. */
public final class EmbeddingTable extends ModuleBlock {

    private final Slot weight;

    public EmbeddingTable(long rows, long width) {
        weight = array("weight", new Shape(rows, width), 0);
    }

    /** The table (rows, width), also that of a head that is tied to it. */
    public NDArray weight() {
        return weight.array();
    }

    /** Indices (...), int64, to rows (..., width). The result belongs to the indices' manager. */
    public NDArray forward(NDArray indices) {
        return rows(weight(), indices);
    }

    /** Rows of any matrix by index (...), int64, with gradients to the matrix. */
    public static NDArray rows(NDArray matrix, NDArray indices) {
        return Embedding.embedding(indices, matrix, SparseFormat.DENSE).singletonOrThrow();
    }
}
