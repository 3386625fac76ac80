package org.lowrank.data;

import java.util.Random;

/**
 * A random order of the numbers 0 to n − 1 that depends on nothing but n and the seed: Fisher and
 * Yates' shuffle, fed by the linear congruential generator that {@link Random} specifies.
 */
public final class SeededOrder {

    private SeededOrder() {}

    /** The numbers 0 to {@code size} − 1 in the order of the seed. */
    public static int[] of(int size, long seed) {
        var order = new int[size];
        for (var i = 0; i < size; i++) {
            order[i] = i;
        }
        var random = new Random(seed);
        for (var i = size - 1; i > 0; i--) {
            var j = random.nextInt(i + 1);
            var kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }

    /**
     * A seed of its own for part {@code n} (an epoch, a pool) of something seeded: the output of
     * SplitMix64 (Steele, Lea and Flood 2014), so that seeds next to each other share nothing.
     */
    public static long seedOf(long seed, long n) {
        var z = seed + (n + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
