package org.lowrank.data.instruction;

import java.util.Arrays;

/**
 * A tokenized record.
 *
 * @param ids its tokens
 * @param labels what is to be predicted at each place: the token, or {@link #NONE} where it is
 *     given
 * @param line where the record stands in its file; 0 for a block of several
 */
public record Sample(int[] ids, int[] labels, int line) {

    /** No loss at this place, as PyTorch's cross entropy ignores it. */
    public static final int NONE = -100;

    public Sample {
        if (ids.length != labels.length) {
            throw new IllegalArgumentException(
                    ids.length + " tokens with " + labels.length + " labels");
        }
    }

    public int length() {
        return ids.length;
    }

    /**
     * Labels that a loss is taken of: the first place predicts nothing, nothing stands before it.
     */
    public int answerTokens() {
        return (int) Arrays.stream(labels).skip(1).filter(label -> label != NONE).count();
    }
}
