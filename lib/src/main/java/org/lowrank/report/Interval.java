package org.lowrank.report;

/**
 * An interval of stated confidence.
 *
 * @param level for example 0.95
 */
public record Interval(double low, double high, double level) {

    /** What one run gives: no interval. */
    static Interval unknown(double level) {
        return new Interval(Double.NaN, Double.NaN, level);
    }

    /** False if there were too few values. */
    public boolean known() {
        return !Double.isNaN(low);
    }

    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
