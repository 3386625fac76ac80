package org.lowrank.data.score;

import java.util.LinkedHashSet;
import org.hipparchus.random.MersenneTwister;

/** Draws without replacement as {@code random.Random(seed).sample} of Python makes them. */
final class PythonRandom {

    /** Up to this population (a little more for many draws) Python draws from a shrinking list. */
    private static final int SMALL = 21;

    private final MersenneTwister twister;

    PythonRandom(int seed) {
        twister = new MersenneTwister(new int[] {seed});
    }

    /** {@code count} different indices below {@code size}, in the order of the draw. */
    int[] sample(int size, int count) {
        double limit = SMALL;
        if (count > 5) {
            limit += Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4)));
        }
        return size <= limit ? fromList(size, count) : fromSet(size, count);
    }

    private int[] fromList(int size, int count) {
        var pool = new int[size];
        for (var i = 0; i < size; i++) {
            pool[i] = i;
        }
        var drawn = new int[count];
        for (var i = 0; i < count; i++) {
            var j = below(size - i);
            drawn[i] = pool[j];
            pool[j] = pool[size - i - 1];
        }
        return drawn;
    }

    private int[] fromSet(int size, int count) {
        var drawn = new LinkedHashSet<Integer>();
        while (drawn.size() < count) {
            drawn.add(below(size));
        }
        return drawn.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The top bits of one word, drawn again until they are below the bound. */
    private int below(int bound) {
        var bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
        int value;
        do {
            value = twister.nextInt() >>> Integer.SIZE - bits;
        } while (value >= bound);
        return value;
    }
}
