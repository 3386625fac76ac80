package org.lowrank.report.chart;

import java.util.Arrays;
import org.lowrank.experiment.spec.Rates;

/**
 * A logarithmic axis that is labelled at its values and at full decades. A value 0, which has no
 * place on it, stands two decades below the smallest other one, labelled 0.
 */
record RatioAxis(double... values) {

    /** True if the values, zero apart, are better read as ratios: none negative, a factor of 4. */
    static boolean suits(double... values) {
        var positive = Arrays.stream(values).filter(value -> value > 0).summaryStatistics();
        return Arrays.stream(values).allMatch(value -> value >= 0)
                && positive.getMax() >= 4 * positive.getMin();
    }

    /** Where a value stands. */
    double place(double value) {
        return value == 0 ? zero() : value;
    }

    /** What a tick says: nothing between the values and the decades. */
    String label(double x) {
        boolean hasZero = Arrays.stream(values).anyMatch(value -> value == 0);
        if (hasZero && near(x, zero())) {
            return "0";
        }
        boolean decade = near(x, Math.pow(10, Math.rint(Math.log10(x))));
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
