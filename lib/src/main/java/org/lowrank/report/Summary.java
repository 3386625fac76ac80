package org.lowrank.report;

import java.util.Arrays;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Repeated runs of one setting in numbers: mean, standard deviation (n - 1 in the denominator), and
 * the interval mean ± t(0.975, n - 1) sd / sqrt(n).
 *
 * @param standardDeviation NaN for n = 1
 * @param interval unknown for n = 1
 */
public record Summary(int n, double mean, double standardDeviation, Interval interval) {

    static final double LEVEL = 0.95;

    /**
     * @throws IllegalArgumentException if there is no value or one is not finite
     */
    public static Summary of(double... values) {
        if (values.length == 0 || !Arrays.stream(values).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "a summary needs finite values, at least one, not " + Arrays.toString(values));
        }
        int n = values.length;
        double mean = Arrays.stream(values).average().orElseThrow();
        if (n == 1) {
            return new Summary(1, mean, Double.NaN, Interval.unknown(LEVEL));
        }
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double sd = Math.sqrt(squares / (n - 1));
        double half = quantile(n - 1) * sd / Math.sqrt(n);
        return new Summary(n, mean, sd, new Interval(mean - half, mean + half, LEVEL));
    }

    /**
     * Of differences: which sign do they show? 1 or -1 if the interval leaves 0 outside, else 0.
     * Equal values show none, of whatever sign: a score moves in steps of one sentence, so that a
     * few equal differences say how coarse it is, not that it has no spread.
     */
    public int shownSign() {
        boolean equal = standardDeviation <= 1e-9 * Math.abs(mean); // but for rounding
        if (!interval.known() || interval.contains(0) || equal) {
            return 0;
        }
        return mean > 0 ? 1 : -1;
    }

    private static double quantile(int degreesOfFreedom) {
        return new TDistribution(degreesOfFreedom).inverseCumulativeProbability(0.5 + LEVEL / 2);
    }
}
