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
}
