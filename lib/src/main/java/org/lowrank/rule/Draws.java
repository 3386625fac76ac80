package org.lowrank.rule;

import java.util.SplittableRandom;

/**
 * Where rules that draw begin at one step: a number for each pair that depends on the run's seed,
 * the step and the pair's path, and on nothing that a process keeps. A resumed step draws the same,
 * and so does a pair among others or in another order.
 *
 * @param seed of the run
 * @param step from 1
 */
public record Draws(long seed, long step) {

    /** Outside of a run. */
    public static final Draws NONE = new Draws(0, 0);

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /** The number of one pair at this step. */
    public long of(String path) {
        long ofStep = new SplittableRandom(seed * GOLDEN + step).nextLong();
        return new SplittableRandom(ofStep + path.hashCode()).nextLong();
    }
}
