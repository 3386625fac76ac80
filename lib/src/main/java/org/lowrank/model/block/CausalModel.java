package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.lowrank.adapter.FrozenWeight;
import org.lowrank.text.TokenBatch;

/** The capability to go on from any tokens: a decoder alone. */
public interface CausalModel extends Autoregressive {

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

    /**
     * The weight of the head (vocabulary, width), if logits are its plain product in float32 and
     * nobody trains it; empty otherwise. It belongs to the model.
     */
    Optional<FrozenWeight> frozenHead();

    /** An empty memory of keys and values, for generation. */
    Memory memory();

    /** Prompts are the beginnings of the texts themselves. */
    @Override
    default Beginning begin(List<int[]> prompts, int padId) {
        return new Beginning(memory(), prompts);
    }

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
}
