package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** The sum of word, position and segment-type embeddings, normalised. */
final class BertEmbeddings extends ModuleBlock {

    private final EmbeddingTable words;
    private final EmbeddingTable positions;
    private final EmbeddingTable types;
    private final NormLayer norm;
    private final Regularizer dropout;

    BertEmbeddings(BertConfig config) {
        words = part("word_embeddings", table(config.vocabulary(), config));
        positions = part("position_embeddings", table(config.positions(), config));
        types = part("token_type_embeddings", table(config.types(), config));
        norm = part("LayerNorm", new NormLayer(config.hidden(), BertConfig.LAYER_NORM_EPSILON));
        dropout = new Regularizer(config.dropout());
    }

    private static EmbeddingTable table(int rows, BertConfig config) {
        return new EmbeddingTable(rows, config.hidden());
    }

    EmbeddingTable words() {
        return words;
    }

    /**
     * @param ids (batch, length), int64
     * @param typeIds (batch, length), int64, or null if all are of type 0
     * @return (batch, length, hidden)
     */
    NDArray forward(NDArray ids, NDArray typeIds, boolean training) {
        var owner = ids.getManager();
        int length = Math.toIntExact(ids.getShape().get(1));
        var placed = positions.forward(owner.arange(0, length, 1, DataType.INT64));
        var type =
                types.forward(
                        typeIds == null ? owner.zeros(new Shape(1), DataType.INT64) : typeIds);
        var sum = words.forward(ids).add(placed).add(type);
        return dropout.apply(norm.forward(sum), training);
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.get(0), inputs.size() > 1 ? inputs.get(1) : null, training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(words.width())};
    }
}
