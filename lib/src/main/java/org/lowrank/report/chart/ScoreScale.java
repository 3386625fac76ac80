package org.lowrank.report.chart;

import java.util.DoubleSummaryStatistics;
import org.lowrank.report.ResultCell;

/**
 * How charts show the test scores of a task: a loss as it is, all else in per cent.
 *
 * @param metric as people write it
 */
record ScoreScale(String metric, boolean isLoss) {

    static ScoreScale of(ResultCell cell) {
        return new ScoreScale(cell.metricInWords(), cell.isLoss());
    }

    /** The metric with its unit. */
    String quantity() {
        return "test " + metric + (isLoss ? "" : " (%)");
    }

    /** What a map of it shows. */
    String title() {
        return isLoss ? quantity() + " (lower is better)" : "test score (%)";
    }

    /** The digits of a number in a map. */
    String pattern() {
        return isLoss ? "0.00" : "0.0";
    }

    /** A round number below all scores; 0 where there are none. */
    double low(DoubleSummaryStatistics scores) {
        return scores.getCount() == 0 ? 0 : step() * Math.floor(scores.getMin() / step());
    }

    /** A round number above all scores, and above {@link #low}. */
    double high(DoubleSummaryStatistics scores) {
        double high = scores.getCount() == 0 ? 1 : step() * Math.ceil(scores.getMax() / step());
        return Math.max(high, low(scores) + step());
    }

    private double step() {
        return isLoss ? 0.1 : 1;
    }
}
