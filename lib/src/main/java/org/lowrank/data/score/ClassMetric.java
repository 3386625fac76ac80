package org.lowrank.data.score;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A score of classes by their numbers. */
public enum ClassMetric implements Metric<Integer, Integer> {
    ACCURACY {
        @Override
        double of(ConfusionMatrix matrix) {
            return matrix.accuracy();
        }
    },
    /** F1 of class 1. */
    F1 {
        @Override
        double of(ConfusionMatrix matrix) {
            return matrix.f1(1);
        }
    },
    MATTHEWS {
        @Override
        double of(ConfusionMatrix matrix) {
            return matrix.matthews();
        }
    };

    abstract double of(ConfusionMatrix matrix);

    @Override
    public double of(List<Integer> said, List<Integer> truth) {
        return of(confusion(said, truth));
    }

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The counts of all pairs of a said and a true class. */
    public static ConfusionMatrix confusion(List<Integer> said, List<Integer> truth) {
        int classes = 2;
        for (var values : List.of(said, truth)) {
            classes = values.isEmpty() ? classes : Math.max(classes, 1 + Collections.max(values));
        }
        return ConfusionMatrix.of(numbers(said), numbers(truth), classes);
    }

    private static int[] numbers(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
