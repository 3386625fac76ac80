package org.lowrank.report;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * What a difference between two settings must be for n seeds to show it, from the spread of runs
 * that there are.
 *
 * <p>With score(setting, seed) = setting + seed + rest, the rests of K settings on the same N seeds
 * have (K − 1)(N − 1) degrees of freedom and a variance σ², so that a difference seed by seed has
 * the standard deviation √2 σ. Over n seeds its interval is ± t(0.975, n − 1) √2 σ / √n, and a true
 * difference of
 *
 * <pre>  (t(0.975, n − 1) + t(0.8, n − 1)) √2 σ / √n</pre>
 *
 * leaves 0 outside in about 80 of 100 such comparisons (the usual approximation of the noncentral t
 * distribution).
 *
 * @param pairedDeviation √2 σ
 * @param degrees of freedom of σ
 * @param settings K
 * @param seeds N
 */
public record SeedPower(double pairedDeviation, int degrees, int settings, int seeds) {

    /** How often a difference that is called visible is seen. */
    public static final double SEEN = 0.8;

    /**
     * From the scores of some settings.
     *
     * @param scores by seed, one map a setting; only seeds that all settings have are read
     * @throws IllegalArgumentException if there are less than two settings or shared seeds
     */
    public static SeedPower of(Collection<SortedMap<Long, Double>> scores) {
        var settings = List.copyOf(scores);
        var shared = new TreeSet<Long>();
        settings.stream().limit(1).forEach(first -> shared.addAll(first.keySet()));
        settings.forEach(setting -> shared.retainAll(setting.keySet()));
        if (settings.size() < 2 || shared.size() < 2) {
            throw new IllegalArgumentException(
                    "%d settings share %d seeds; two of each are needed to tell how far seeds differ"
                            .formatted(settings.size(), shared.size()));
        }
        double all = 0;
        for (var setting : settings) {
            all += mean(setting, shared);
        }
        all /= settings.size();
        double squares = 0;
        for (long seed : shared) {
            double ofSeed = settings.stream().mapToDouble(s -> s.get(seed)).average().orElseThrow();
            for (var setting : settings) {
                double rest = setting.get(seed) - mean(setting, shared) - ofSeed + all;
                squares += rest * rest;
            }
        }
        int degrees = (settings.size() - 1) * (shared.size() - 1);
        return new SeedPower(
                Math.sqrt(2 * squares / degrees), degrees, settings.size(), shared.size());
    }

    private static double mean(SortedMap<Long, Double> setting, TreeSet<Long> seeds) {
        return seeds.stream().mapToDouble(setting::get).average().orElseThrow();
    }

    /**
     * Half the width of a 95 % interval of a difference.
     *
     * @param n seeds, 2 or more
     */
    public double halfWidth(int n) {
        return quantile(0.5 + Summary.LEVEL / 2, n) * pairedDeviation / Math.sqrt(n);
    }

    /**
     * The true difference that is seen in 80 of 100 comparisons.
     *
     * @param n seeds, 2 or more
     */
    public double visible(int n) {
        return halfWidth(n) + quantile(SEEN, n) * pairedDeviation / Math.sqrt(n);
    }

    private static double quantile(double level, int n) {
        return new TDistribution(n - 1).inverseCumulativeProbability(level);
    }
}
