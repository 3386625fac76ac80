package org.lowrank.data.instruction;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples side by side, filled up to the longest: (rows, length) in row-major order.
 *
 * @param ids tokens, the padding id where there is none
 * @param mask 1 for a token, 0 for padding
 * @param labels {@link Sample#NONE} at padding, whatever its id; with padding on the left also at
 *     each first token, which would be predicted from padding
 */
public record PaddedBatch(int rows, int length, long[] ids, float[] mask, long[] labels) {

    /**
     * Fills up.
     *
     * @param left whether padding stands before the tokens, as generation wants it
     */
    public static PaddedBatch of(List<Sample> samples, int padId, boolean left) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one sample");
        }
        int length = samples.stream().mapToInt(Sample::length).max().orElseThrow();
        var ids = new long[samples.size() * length];
        var mask = new float[ids.length];
        var labels = new long[ids.length];
        Arrays.fill(ids, padId);
        Arrays.fill(labels, Sample.NONE);
        for (int row = 0; row < samples.size(); row++) {
            var sample = samples.get(row);
            int start = row * length + (left ? length - sample.length() : 0);
            for (int i = 0; i < sample.length(); i++) {
                ids[start + i] = sample.ids()[i];
                mask[start + i] = 1;
                labels[start + i] = left && i == 0 ? Sample.NONE : sample.labels()[i];
            }
        }
        return new PaddedBatch(samples.size(), length, ids, mask, labels);
    }

    /**
     * The places of labels that a loss is taken of, row · length + column: nothing stands before a
     * first column.
     */
    public int[] labelled() {
        return IntStream.range(0, labels.length)
                .filter(i -> i % length != 0 && labels[i] != Sample.NONE)
                .toArray();
    }

    /** Labels that a loss is taken of. */
    public int answerTokens() {
        return labelled().length;
    }
}
