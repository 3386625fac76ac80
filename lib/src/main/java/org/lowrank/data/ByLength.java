package org.lowrank.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Rows in the order of their lengths. */
final class ByLength {

    private ByLength() {}

    /** All rows, shortest first; equal ones in the order of the rows. */
    static int[] sorted(int[] lengths) {
        return sorted(lengths, IntStream.range(0, lengths.length).toArray());
    }

    /** The given rows, shortest first; equal ones stay in the given order. */
    static int[] sorted(int[] lengths, int[] rows) {
        return Arrays.stream(rows)
                .boxed()
                .sorted(Comparator.comparingInt(row -> lengths[row]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    static int longest(int[] lengths, int[] rows) {
        return Arrays.stream(rows).map(row -> lengths[row]).max().orElse(0);
    }
}
