package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;
import org.lowrank.text.TokenBatch;

/**
 * The capability to say what token follows. Hidden states and logits are apart, so that the
 * (tokens, vocabulary) array is made only for the tokens that are asked about.
 */
public interface CausalModel extends Network {

    /**
     * The hidden states after the last normalisation, of the tokens given here.
     *
     * @param ids (batch, length), int64
     * @param mask 1 for a token, 0 for padding (batch, all), the remembered ones first
     * @return (batch · length, width), attached to the manager of the ids
     */
    NDArray hidden(NDArray ids, NDArray mask, Passage at, boolean training);

    /**
     * The gradients of a loss with the graph of one layer at a time: what a layer made is computed
     * anew in the backward pass (Chen et al., arXiv 1604.06174). The gradients are those of an
     * ordinary pass; memory holds one array a layer instead of all that a layer makes.
     *
     * @param seed of what is drawn (dropout), the same when a layer is computed anew
     * @param loss of the hidden states (batch · length, width), a scalar
     * @return the loss, no part of any graph
     */
    NDArray backwardByLayer(TokenBatch batch, int seed, UnaryOperator<NDArray> loss);

    /** Hidden states (rows, width) to what the next token may be (rows, vocabulary), float32. */
    NDArray logits(NDArray hidden);

    /** An empty memory of keys and values, for generation. */
    Memory memory();

    /** Rows of the head: ids that can follow. */
    int vocabulary();

    /** The longest sequence that the model was made for. */
    int positions();

    /**
     * The logits at some places alone.
     *
     * @param places of the tokens whose successors are asked for: row · length + column, int64, (n)
     * @return (n, vocabulary)
     */
    default NDArray logits(TokenBatch batch, NDArray places, boolean training) {
        var hidden = hidden(batch.ids(), batch.mask(), Passage.WHOLE, training);
        return logits(EmbeddingTable.rows(hidden, places));
    }

    /**
     * Where the given tokens stand.
     *
     * @param positions of each token, (batch, length); null for 0, 1, 2 and on, after those
     *     remembered
     * @param memory keys and values of the tokens before, extended by those given; or null
     */
    record Passage(long[][] positions, Memory memory) {

        /** Whole sequences from their beginning, positions 0, 1, 2 and on. */
        public static final Passage WHOLE = new Passage(null, null);

        /** The number of tokens that are remembered. */
        long past() {
            return memory == null ? 0 : memory.length();
        }
    }
}
