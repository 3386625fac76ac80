package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.lowrank.text.TokenBatch;

/**
 * The capability to write a text about another: an encoder reads the other in both directions, a
 * decoder writes and attends to what was read (Vaswani et al., arXiv 1706.03762, figure 1).
 */
public interface EncoderDecoder extends Autoregressive {

    /** The id that stands before every text that is written. */
    int startId();

    /**
     * The decoder's hidden states in training, after the last normalisation.
     *
     * @param read the texts that are read
     * @param written those that are written, each {@link #startId} and all its tokens but the last
     * @return (batch · length of the written, width)
     */
    NDArray hidden(TokenBatch read, TokenBatch written, boolean training);

    /**
     * Reads texts for generation: {@link #hidden(NDArray, NDArray, Passage, boolean)} with this
     * memory goes on from there.
     */
    Memory read(TokenBatch texts);

    /** Prompts are read; what follows begins with {@link #startId}. */
    @Override
    default Beginning begin(List<int[]> prompts, int padId) {
        try (var scope = manager().newSubManager()) {
            var memory = read(padded(prompts, padId, scope));
            return new Beginning(
                    memory, Collections.nCopies(prompts.size(), new int[] {startId()}));
        }
    }

    private static TokenBatch padded(List<int[]> texts, int padId, NDManager scope) {
        int length = texts.stream().mapToInt(text -> text.length).max().orElseThrow();
        var ids = new long[texts.size() * length];
        var mask = new float[ids.length];
        Arrays.fill(ids, padId);
        for (int row = 0; row < texts.size(); row++) {
            for (int i = 0; i < texts.get(row).length; i++) {
                ids[row * length + i] = texts.get(row)[i];
                mask[row * length + i] = 1;
            }
        }
        var shape = new Shape(texts.size(), length);
        return new TokenBatch(scope.create(ids, shape), scope.create(mask, shape));
    }
}
