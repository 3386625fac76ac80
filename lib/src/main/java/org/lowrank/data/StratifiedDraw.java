package org.lowrank.data;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A seeded draw without replacement that keeps the share of each stratum: stratum k with n_k of n
 * rows gets count n_k / n rows, rounded by largest remainder.
 */
final class StratifiedDraw {

    private StratifiedDraw() {}

    /** The drawn rows as a set of indices into {@code strata}. */
    static BitSet draw(int[] strata, int count, long seed) {
        var sizes = new int[Arrays.stream(strata).max().orElse(0) + 1];
        for (var stratum : strata) {
            sizes[stratum]++;
        }
        var left = quotas(sizes, strata.length, count);
        var drawn = new BitSet(strata.length);
        for (var row : SeededOrder.of(strata.length, seed)) {
            if (left[strata[row]] > 0) {
                left[strata[row]]--;
                drawn.set(row);
            }
        }
        return drawn;
    }

    private static int[] quotas(int[] sizes, int total, int count) {
        var quotas = new int[sizes.length];
        var remainders = new long[sizes.length];
        var left = count;
        for (var k = 0; k < sizes.length; k++) {
            var share = (long) count * sizes[k];
            quotas[k] = (int) (share / total);
            remainders[k] = share % total;
            left -= quotas[k];
        }
        // Fewer rows are left than strata with a remainder, so no quota exceeds its stratum.
        IntStream.range(0, sizes.length)
                .boxed()
                .sorted((a, b) -> Long.compare(remainders[b], remainders[a]))
                .limit(left)
                .forEach(k -> quotas[k]++);
        return quotas;
    }
}
