package org.lowrank.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How an order of rows is cut into batches. The number of batches depends on the lengths alone, not
 * on the seed, so that every epoch has as many.
 */
sealed interface Cut {

    /** The batches of one epoch in the order of training. */
    List<int[]> shuffled(int[] lengths, long epochSeed);

    /** Batches of rows that follow each other in {@code sortedRows}. */
    List<int[]> consecutive(int[] lengths, int[] sortedRows);

    private static List<int[]> inSeededOrder(List<int[]> batches, long seed) {
        return Arrays.stream(SeededOrder.of(batches.size(), seed)).mapToObj(batches::get).toList();
    }

    /**
     * A fixed number of rows. Rows are drawn at random into pools of {@link #POOL} batches and
     * sorted within the pool: nearly as little padding as one sort of all, and other neighbours in
     * each epoch.
     */
    record BySize(int size) implements Cut {

        static final int POOL = 50;

        @Override
        public List<int[]> shuffled(int[] lengths, long epochSeed) {
            var order = SeededOrder.of(lengths.length, epochSeed);
            var batches = new ArrayList<int[]>();
            var pool = (int) Math.min((long) POOL * size, lengths.length);
            for (var start = 0; start < order.length; start += pool) {
                var end = Math.min(order.length, start + pool);
                var rows = ByLength.sorted(lengths, Arrays.copyOfRange(order, start, end));
                batches.addAll(cut(rows, SeededOrder.seedOf(epochSeed, start)));
            }
            return inSeededOrder(batches, SeededOrder.seedOf(epochSeed, -2));
        }

        @Override
        public List<int[]> consecutive(int[] lengths, int[] sortedRows) {
            return cut(sortedRows, sortedRows.length / size);
        }

        /** The short batch, if there is one, stands anywhere: not always at the longest rows. */
        private List<int[]> cut(int[] rows, long seed) {
            return cut(rows, (int) Long.remainderUnsigned(seed, rows.length / size + 1L));
        }

        private List<int[]> cut(int[] rows, int shortBatch) {
            var batches = new ArrayList<int[]>();
            for (var start = 0; start < rows.length; ) {
                var isShort = batches.size() == shortBatch && rows.length % size > 0;
                var end = start + (isShort ? rows.length % size : size);
                batches.add(Arrays.copyOfRange(rows, start, end));
                start = end;
            }
            return batches;
        }
    }

    /**
     * A fixed budget of padded tokens. All rows are sorted, equal lengths in random order: with
     * pools the number of batches would change with the seed.
     */
    record ByTokens(int maxTokens) implements Cut {

        @Override
        public List<int[]> shuffled(int[] lengths, long epochSeed) {
            var order = SeededOrder.of(lengths.length, epochSeed);
            var batches = consecutive(lengths, ByLength.sorted(lengths, order));
            return inSeededOrder(batches, SeededOrder.seedOf(epochSeed, -2));
        }

        @Override
        public List<int[]> consecutive(int[] lengths, int[] sortedRows) {
            var batches = new ArrayList<int[]>();
            var start = 0;
            for (var end = 0; end < sortedRows.length; end++) {
                if ((long) (end + 1 - start) * lengths[sortedRows[end]] > maxTokens) {
                    batches.add(Arrays.copyOfRange(sortedRows, start, end));
                    start = end;
                }
            }
            batches.add(Arrays.copyOfRange(sortedRows, start, sortedRows.length));
            return batches;
        }
    }
}
