package org.lowrank.report;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.hipparchus.stat.descriptive.rank.Percentile;

/**
 * A method minus a baseline, seed by seed: what is common to a seed (the order of the data, the
 * initial head) cancels.
 *
 * @param differences summary of the differences with the t interval; n is the number of seeds that
 *     both have
 * @param bootstrap percentile interval of the mean over seeds drawn with replacement; for few seeds
 *     it is too narrow, so the t interval is the one to lead with
 */
public record PairedDifference(Summary differences, Interval bootstrap) {

    /** Up to this many seeds all n^n samples are gone through, beyond it they are drawn. */
    private static final int EXACT_UP_TO = 6;

    private static final int SAMPLES = 20_000;
    private static final long SEED = 20_240_718;

    /**
     * @param method score by seed
     * @param baseline score by seed
     * @throws IllegalArgumentException if no seed is in both
     */
    public static PairedDifference of(
            SortedMap<Long, Double> method, SortedMap<Long, Double> baseline) {
        var shared = new TreeMap<>(method);
        shared.keySet().retainAll(baseline.keySet());
        if (shared.isEmpty()) {
            throw new IllegalArgumentException(
                    "no seed in common: %s and %s; run both methods with the same seeds"
                            .formatted(method.keySet(), baseline.keySet()));
        }
        double[] differences =
                shared.entrySet().stream()
                        .mapToDouble(e -> e.getValue() - baseline.get(e.getKey()))
                        .toArray();
        return new PairedDifference(Summary.of(differences), bootstrap(differences));
    }

    private static Interval bootstrap(double[] values) {
        if (values.length == 1) {
            return Interval.unknown(Summary.LEVEL);
        }
        double[] means = values.length <= EXACT_UP_TO ? allMeans(values) : drawnMeans(values);
        var percentile = new Percentile();
        percentile.setData(means);
        double tail = 50 * (1 - Summary.LEVEL);
        return new Interval(
                percentile.evaluate(tail), percentile.evaluate(100 - tail), Summary.LEVEL);
    }

    private static double[] allMeans(double[] values) {
        int n = values.length;
        var means = new double[(int) Math.pow(n, n)];
        for (int sample = 0; sample < means.length; sample++) {
            double sum = 0;
            for (int i = 0, rest = sample; i < n; i++, rest /= n) {
                sum += values[rest % n];
            }
            means[sample] = sum / n;
        }
        return means;
    }

    private static double[] drawnMeans(double[] values) {
        var random = new SplittableRandom(SEED);
        var means = new double[SAMPLES];
        Arrays.setAll(
                means,
                i ->
                        random.ints(values.length, 0, values.length)
                                        .mapToDouble(j -> values[j])
                                        .sum()
                                / values.length);
        return means;
    }
}
