package org.lowrank.report.chart;

import java.util.Arrays;
import org.lowrank.experiment.spec.Rates;

/**
 * A logarithmic axis that is labelled at its values and at full decades; where all values are
 * powers of two, at these alone. A value 0, which has no place on it, stands two decades below the
 * smallest other one, labelled 0.
 */
record RatioAxis(double... values) {

    /** True if the values, zero apart, are better read as ratios: none negative, a factor of 4. */
    static boolean suits(double... values) {
        var positive = Arrays.stream(values).filter(value -> value > 0).summaryStatistics();
        return Arrays.stream(values).allMatch(value -> value >= 0)
                && positive.getMax() >= 4 * positive.getMin();
    }

    /**
     * True if the axis is drawn as an even one of log₂: XChart's own logarithmic axis has its ticks
     * at 1, 2, ... 9 times a decade, so at none of 16, 32, 64 and 128.
     */
    boolean isOfTwos() {
        return values.length > 0 && Arrays.stream(values).allMatch(v -> v > 0 && near(v, two(v)));
    }

    /** From the least value to the greatest one, in doublings; at least one. */
    double octaves() {
        var all = Arrays.stream(values).summaryStatistics();
        return Math.max(1, log2(all.getMax() / all.getMin()));
    }

    private static double two(double value) {
        return Math.pow(2, Math.rint(log2(value)));
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    /** Where a value stands. */
    double place(double value) {
        if (isOfTwos()) {
            return Math.rint(log2(value));
        }
        return value == 0 ? zero() : value;
    }

    /** The value that stands at a place. */
    double value(double place) {
        if (isOfTwos()) {
            return Math.pow(2, place);
        }
        boolean hasZero = Arrays.stream(values).anyMatch(value -> value == 0);
        return hasZero && near(place, zero()) ? 0 : place;
    }

    /** What a tick says: nothing between the values and the decades. */
    String label(double place) {
        double x = value(place);
        if (x == 0) {
            return "0";
        }
        boolean decade = !isOfTwos() && near(x, Math.pow(10, Math.rint(Math.log10(x))));
        boolean value = Arrays.stream(values).anyMatch(v -> near(x, v));
        return decade || value ? Rates.text(x) : "";
    }

    private double zero() {
        return Arrays.stream(values).filter(value -> value > 0).min().orElse(1) / 100;
    }

    private static boolean near(double x, double value) {
        return Math.abs(x - value) < 1e-6 * x;
    }
}
