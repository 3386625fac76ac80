package org.lowrank.data;

import java.util.Arrays;

/**
 * Rows of a task padded to their own longest, row by row in flat arrays as an engine takes them.
 *
 * @param rows the index of each row in the task
 * @param length tokens of a row, padding included
 * @param ids token ids (rows, length), row-major
 * @param mask 1 for a token, 0 for padding (rows, length), row-major
 * @param targets class or score of each row
 */
public record Batch(int[] rows, int length, long[] ids, float[] mask, double[] targets) {

    /**
     * Puts rows into one batch.
     *
     * @param rows which ones, for example of {@link BatchPlan#rows}
     * @param tokens the token ids of all rows of the task
     * @param targets the targets of all rows of the task
     * @param padId the id that stands for padding, 0 for BERT
     */
    public static Batch of(int[] rows, int[][] tokens, double[] targets, int padId) {
        var length = Arrays.stream(rows).map(row -> tokens[row].length).max().orElse(0);
        if (length == 0) {
            throw new IllegalArgumentException("a batch needs a row, and a row needs a token");
        }
        var ids = new long[rows.length * length];
        var mask = new float[ids.length];
        Arrays.fill(ids, padId);
        for (var i = 0; i < rows.length; i++) {
            var row = tokens[rows[i]];
            for (var j = 0; j < row.length; j++) {
                ids[i * length + j] = row[j];
                mask[i * length + j] = 1;
            }
        }
        var chosen = Arrays.stream(rows).mapToDouble(row -> targets[row]).toArray();
        return new Batch(rows.clone(), length, ids, mask, chosen);
    }

    public int size() {
        return rows.length;
    }

    /** The targets as classes. */
    public long[] labels() {
        return Arrays.stream(targets).mapToLong(target -> (long) target).toArray();
    }

    /** Tokens without padding. */
    public int tokens() {
        var count = 0;
        for (var m : mask) {
            count += (int) m;
        }
        return count;
    }
}
