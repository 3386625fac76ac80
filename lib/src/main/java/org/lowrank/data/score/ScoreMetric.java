package org.lowrank.data.score;

import java.util.List;
import java.util.Locale;

/** A score of numbers. */
public enum ScoreMetric implements Metric<Double, Double> {
    PEARSON {
        @Override
        public double of(List<Double> said, List<Double> truth) {
            return Correlation.pearson(numbers(said), numbers(truth));
        }
    },
    SPEARMAN {
        @Override
        public double of(List<Double> said, List<Double> truth) {
            return Correlation.spearman(numbers(said), numbers(truth));
        }
    };

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static double[] numbers(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
