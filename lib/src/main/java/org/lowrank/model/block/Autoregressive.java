package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The capability to say what token follows. Hidden states and logits are apart, so that the
 * (tokens, vocabulary) array is made only for the tokens that are asked about.
 */
public interface Autoregressive extends Network {

    /**
     * The hidden states after the last normalisation, of the tokens given here.
     *
     * @param ids (batch, length), int64
     * @param mask 1 for a token, 0 for padding (batch, all), the remembered ones first
     * @return (batch · length, width), attached to the manager of the ids
     */
    NDArray hidden(NDArray ids, NDArray mask, Passage at, boolean training);

    /** Hidden states (rows, width) to what the next token may be (rows, vocabulary), float32. */
    NDArray logits(NDArray hidden);

    /** Rows of the head: ids that can follow. */
    int vocabulary();

    /** The longest sequence that the model was made for. */
    int positions();

    /**
     * What texts that follow prompts begin with.
     *
     * @param prompts token ids of each, at least one each
     * @param padId any id will do: padding is hidden
     */
    Beginning begin(List<int[]> prompts, int padId);

    /**
     * Texts before their first pass.
     *
     * @param memory what is remembered of the prompts; grows with the texts
     * @param tokens of each text that are to be read next
     */
    record Beginning(Memory memory, List<int[]> tokens) {}

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
