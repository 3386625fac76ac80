package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import org.lowrank.text.TokenBatch;

/** The capability to make one vector of every token. */
public interface TextEncoder extends Network {

    /**
     * The hidden states of the last layer.
     *
     * @return (batch, length, width), attached to the manager of the batch
     * @throws IllegalArgumentException if the batch is longer than the encoder's positions
     */
    NDArray hidden(TokenBatch batch, boolean training);

    /**
     * Of the first token of each text alone, (batch, width). An encoder that computes its last
     * layer for that token alone draws smaller masks of dropout there, and what an adapter averages
     * over the positions that it sees ({@code experts}) is of those.
     */
    default NDArray first(TokenBatch batch, boolean training) {
        return hidden(batch, training).get(new NDIndex(":, 0"));
    }

    /** What transformers calls this body where a head stands beside it: {@code bert}. */
    default String bodyName() {
        return "";
    }

    /** The width of a token's vector. */
    int width();

    /** The number of token ids. */
    int vocabulary();
}
