package org.lowrank.data.score;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Correlation of predicted scores with true ones. */
public final class Correlation {

    private Correlation() {}

    /**
     * Pearson's r, in two passes about the means. 0 if all predictions are equal: they say nothing
     * about the targets.
     *
     * @throws IllegalArgumentException if the lengths differ, fewer than two rows are there, a
     *     number is not finite, or all targets are equal
     */
    public static double pearson(double[] predicted, double[] targets) {
        requireScores(predicted, targets);
        var meanX = Arrays.stream(predicted).average().orElseThrow();
        var meanY = Arrays.stream(targets).average().orElseThrow();
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (var i = 0; i < targets.length; i++) {
            var x = predicted[i] - meanX;
            var y = targets[i] - meanY;
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
        if (isConstant(predicted) || xx == 0) {
            return 0;
        }
        // Two roots, as the product of two sums of squares may overflow.
        return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
    }

    /** Spearman's rho: Pearson's r of the ranks, where ties share the mean of their ranks. */
    public static double spearman(double[] predicted, double[] targets) {
        requireScores(predicted, targets);
        return pearson(ranks(predicted), ranks(targets));
    }

    /** Ranks from 1; equal values share the mean of the ranks they take up. */
    static double[] ranks(double[] values) {
        var order =
                IntStream.range(0, values.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> values[i]))
                        .toList();
        var ranks = new double[values.length];
        for (var start = 0; start < ranks.length; ) {
            var end = start;
            while (end < ranks.length && values[order.get(end)] == values[order.get(start)]) {
                end++;
            }
            for (var i = start; i < end; i++) {
                ranks[order.get(i)] = (start + 1 + end) / 2.0;
            }
            start = end;
        }
        return ranks;
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    private static void requireScores(double[] predicted, double[] targets) {
        if (predicted.length != targets.length || targets.length < 2) {
            throw new IllegalArgumentException(
                    "%s predictions for %s rows: there must be one each, and at least two"
                            .formatted(predicted.length, targets.length));
        }
        for (var i = 0; i < targets.length; i++) {
            if (!Double.isFinite(predicted[i]) || !Double.isFinite(targets[i])) {
                throw new IllegalArgumentException(
                        ("row %s: predicted %s for %s; a correlation needs finite numbers (did the"
                                        + " run diverge?)")
                                .formatted(i, predicted[i], targets[i]));
            }
        }
        if (isConstant(targets)) {
            throw new IllegalArgumentException(
                    "all targets are " + targets[0] + ", so nothing can correlate with them");
        }
    }
}
