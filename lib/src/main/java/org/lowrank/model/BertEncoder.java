package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.engine.GraphConstants;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.WeightFileException;
import org.lowrank.weights.WeightSource;

/**
 * BERT without a head: token ids to one vector a token (Devlin et al., arXiv 1810.04805). The
 * weights are frozen; adapters are attached to {@link #linears()}, or {@link #train} thaws all.
 */
public final class BertEncoder extends ModuleBlock implements AdaptableModel, AutoCloseable {

    /** Added to the score of a padded position; softmax makes it exactly 0 in float32. */
    private static final double MASKED = -1e9;

    private final BertConfig config;
    private final NDManager manager;
    private final BertEmbeddings embeddings;
    private final List<BertLayer> layers = new ArrayList<>();
    private final NDArray one;
    private final NDArray large;

    private BertEncoder(BertConfig config, NDManager parent) {
        this.config = config;
        manager = parent.newSubManager();
        manager.setName("encoder");
        embeddings = part("embeddings", new BertEmbeddings(config));
        for (int i = 0; i < config.layers(); i++) {
            layers.add(part("encoder.layer." + i, new BertLayer(config)));
        }
        one = GraphConstants.scalar(manager, 1, DataType.FLOAT32);
        large = GraphConstants.scalar(manager, -MASKED, DataType.FLOAT32);
    }

    /**
     * An encoder with the weights of a file, on the device of the parent manager.
     *
     * @param parent frees the encoder when it is closed, if the encoder was not closed before
     * @throws WeightFileException if the file does not hold exactly this architecture
     */
    public static BertEncoder load(BertConfig config, WeightSource source, NDManager parent)
            throws IOException {
        return load(config, source, List.of(), parent);
    }

    static BertEncoder load(
            BertConfig config, WeightSource source, List<String> ignored, NDManager parent)
            throws IOException {
        var encoder = new BertEncoder(config, parent);
        try {
            WeightLoader.load(source, encoder.slots(), ignored, encoder.manager);
            return encoder;
        } catch (IOException | RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    /** An encoder that knows nothing: weights from N(0, 0.02²), as BERT starts its pre-training. */
    public static BertEncoder random(BertConfig config, long seed, NDManager parent) {
        var encoder = new BertEncoder(config, parent);
        RandomWeights.into(encoder.slots(), seed, encoder.manager);
        return encoder;
    }

    /** An encoder that has no weights yet. */
    static BertEncoder empty(BertConfig config, NDManager parent) {
        return new BertEncoder(config, parent);
    }

    EmbeddingTable words() {
        return embeddings.words();
    }

    public BertConfig config() {
        return config;
    }

    /**
     * The hidden states of the last layer.
     *
     * @return (batch, length, hidden), attached to the manager of the batch
     */
    public NDArray forward(TokenBatch batch, boolean training) {
        long length = batch.ids().getShape().get(1);
        if (length > config.positions()) {
            throw new IllegalArgumentException(
                    "a batch of length "
                            + length
                            + " is longer than the "
                            + config.positions()
                            + " positions of the encoder; truncate when tokenizing");
        }
        var maskBias = maskBias(batch.mask());
        var embedded = embeddings.forward(batch.ids(), batch.types(), training);
        // One row a token: on matrices, but not on batches of them, a linear map and its bias are
        // one operation of the engine.
        var hidden = embedded.reshape(-1, config.hidden());
        for (var layer : layers) {
            hidden = layer.forward(hidden, maskBias, training);
        }
        return hidden.reshape(embedded.getShape());
    }

    /** 1 for a token and 0 for padding (batch, length) to 0 and -1e9 (batch, 1, 1, length). */
    private NDArray maskBias(NDArray mask) {
        var shape = mask.getShape();
        return mask.toType(DataType.FLOAT32, false)
                .sub(one)
                .mul(large)
                .reshape(shape.get(0), 1, 1, shape.get(1));
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(
                new TokenBatch(
                        inputs.get(0), inputs.get(1), inputs.size() > 2 ? inputs.get(2) : null),
                training);
    }

    @Override
    public Map<String, AdaptableLinear> linears() {
        return linearsByPath();
    }

    @Override
    public Map<String, NDArray> parameters() {
        return arraysByName();
    }

    /** Makes every weight a leaf of the graph (full fine-tuning), or none. */
    public void train(boolean all) {
        trainAll(all);
    }

    /** Where the weights lie; steps make sub-managers of it. */
    public NDManager manager() {
        return manager;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(config.hidden())};
    }

    @Override
    public void close() {
        manager.close();
    }
}
