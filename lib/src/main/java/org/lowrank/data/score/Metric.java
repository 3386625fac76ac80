package org.lowrank.data.score;

import java.util.Arrays;

/** A score of GLUE by name; all are better when larger, and 1 is perfect. */
public enum Metric {
    ACCURACY("accuracy") {
        @Override
        public double of(double[] predicted, double[] targets) {
            return confusion(predicted, targets).accuracy();
        }
    },
    /** F1 of class 1. */
    F1("f1") {
        @Override
        public double of(double[] predicted, double[] targets) {
            return confusion(predicted, targets).f1(1);
        }
    },
    MATTHEWS("matthews") {
        @Override
        public double of(double[] predicted, double[] targets) {
            return confusion(predicted, targets).matthews();
        }
    },
    PEARSON("pearson") {
        @Override
        public double of(double[] predicted, double[] targets) {
            return Correlation.pearson(predicted, targets);
        }
    },
    SPEARMAN("spearman") {
        @Override
        public double of(double[] predicted, double[] targets) {
            return Correlation.spearman(predicted, targets);
        }
    };

    private final String label;

    Metric(String label) {
        this.label = label;
    }

    /**
     * The score.
     *
     * @param predicted the predicted class (a whole number) or score of each row
     * @param targets the true class or score of each row
     */
    public abstract double of(double[] predicted, double[] targets);

    /** The key in run records and tables, for example {@code matthews}. */
    public String label() {
        return label;
    }

    /**
     * The metric of a key.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static Metric named(String label) {
        var labels = Arrays.stream(values()).map(Metric::label).toList();
        var index = labels.indexOf(label);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "there is no metric '" + label + "'; there are " + labels);
        }
        return values()[index];
    }

    private static ConfusionMatrix confusion(double[] predicted, double[] targets) {
        var p = classes(predicted, "predicted");
        var t = classes(targets, "true");
        var largest = Math.max(Arrays.stream(p).max().orElse(0), Arrays.stream(t).max().orElse(0));
        return ConfusionMatrix.of(p, t, Math.max(2, largest + 1));
    }

    private static int[] classes(double[] values, String what) {
        for (var row = 0; row < values.length; row++) {
            if (values[row] != Math.rint(values[row]) || values[row] < 0) {
                throw new IllegalArgumentException(
                        "row " + row + ": the " + what + " value " + values[row] + " is no class");
            }
        }
        return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
    }
}
