package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A table (rows, width) of which indices pick rows. */
final class EmbeddingTable extends AbstractBlock implements SizedLeaf {

    private final long rows;
    private final long width;
    private final Parameter weight;

    EmbeddingTable(long rows, long width) {
        this.rows = rows;
        this.width = width;
        var builder = Parameter.builder().setName("weight").setType(Parameter.Type.WEIGHT);
        weight = addParameter(builder.optRequiresGrad(false).build());
    }

    long width() {
        return width;
    }

    Parameter weight() {
        return weight;
    }

    @Override
    public Shape shape() {
        return new Shape(rows, width);
    }

    /** Indices (...), int64, to rows (..., width). The result belongs to the indices' manager. */
    NDArray forward(NDArray indices) {
        return Embedding.embedding(indices, weight.getArray(), SparseFormat.DENSE)
                .singletonOrThrow();
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(forward(inputs.singletonOrThrow()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(width)};
    }
}
