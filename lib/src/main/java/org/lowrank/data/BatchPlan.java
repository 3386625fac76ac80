package org.lowrank.data;

import java.util.Arrays;
import java.util.List;

/**
 * Which rows make up which batch of which epoch. Rows of like length share a batch, so that little
 * is padded; an epoch holds every row once, in an order that depends on the seed and the epoch
 * alone. Any batch can be asked for at any time, so a run resumes at (seed, epoch, position) by
 * asking for it. Safe for use by several threads.
 */
public final class BatchPlan {

    private final int[] lengths;
    private final Cut cut;
    private final long seed;
    private final int batchesPerEpoch;
    private Epoch latest;

    private BatchPlan(int[] lengths, Cut cut, long seed) {
        this.lengths = lengths.clone();
        this.cut = cut;
        this.seed = seed;
        requireLengths();
        batchesPerEpoch = cut.shuffled(this.lengths, SeededOrder.seedOf(seed, 0)).size();
    }

    /**
     * Batches of a fixed number of rows; one batch of an epoch is smaller if the size does not
     * divide the number of rows.
     *
     * @param lengths the number of tokens of each row
     * @param batchSize rows of a batch
     * @param seed of the order of all epochs
     */
    public static BatchPlan ofSize(int[] lengths, int batchSize, long seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be 1 or more: " + batchSize);
        }
        return new BatchPlan(lengths, new Cut.BySize(batchSize), seed);
    }

    /**
     * Batches that fill a budget of tokens, the padding counted: rows times the longest row. Short
     * rows come in large batches and long ones in small batches.
     *
     * @param maxTokens at least the longest row
     */
    public static BatchPlan ofTokens(int[] lengths, int maxTokens, long seed) {
        var longest = Arrays.stream(lengths).max().orElse(0);
        if (maxTokens < longest) {
            throw new IllegalArgumentException(
                    ("a batch of %s tokens cannot hold the longest row, which has %s; raise"
                                    + " the budget or cut rows when they are tokenized")
                            .formatted(maxTokens, longest));
        }
        return new BatchPlan(lengths, new Cut.ByTokens(maxTokens), seed);
    }

    /** The same number for every epoch. */
    public int batchesPerEpoch() {
        return batchesPerEpoch;
    }

    public long seed() {
        return seed;
    }

    /**
     * The rows of one batch.
     *
     * @param epoch from 0
     * @param index from 0 to {@link #batchesPerEpoch()} − 1
     */
    public synchronized int[] rows(long epoch, int index) {
        if (epoch < 0 || index < 0 || index >= batchesPerEpoch) {
            throw new IndexOutOfBoundsException(
                    "there is no batch %s of epoch %s; an epoch has %s, counted from 0"
                            .formatted(index, epoch, batchesPerEpoch));
        }
        if (latest == null || latest.number != epoch) {
            latest = new Epoch(epoch, cut.shuffled(lengths, SeededOrder.seedOf(seed, epoch)));
        }
        return latest.batches.get(index).clone();
    }

    /** Every row once, from short to long, for evaluation: no seed, the same at every call. */
    public List<int[]> inOrder() {
        return cut.consecutive(lengths, ByLength.sorted(lengths));
    }

    private void requireLengths() {
        if (lengths.length == 0) {
            throw new IllegalArgumentException("there are no rows to make batches of");
        }
        for (var row = 0; row < lengths.length; row++) {
            if (lengths[row] < 1) {
                throw new IllegalArgumentException(
                        "row " + row + " has " + lengths[row] + " tokens; each needs at least one");
            }
        }
    }

    private record Epoch(long number, List<int[]> batches) {}
}
