package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CorrelationTest {

    @Test
    void pearsonByHand() {
        // Deviations −1 0 1 and −2 1 1: 3 / √(2·6) = √3 / 2.
        assertEquals(
                Math.sqrt(3) / 2,
                Correlation.pearson(new double[] {1, 2, 3}, new double[] {1, 4, 4}),
                1e-15);
    }

    @Test
    void spearmanGivesTiesTheMeanOfTheirRanks() {
        assertArrayEquals(
                new double[] {1, 3, 3, 5, 3}, Correlation.ranks(new double[] {1, 4, 4, 9, 4}));
        // Ranks 1 2 3 4 and 1 2.5 2.5 4: 4.5 / √(5 · 4.5) = √0.9.
        assertEquals(
                Math.sqrt(0.9),
                Correlation.spearman(new double[] {-1, 0, 7, 70}, new double[] {0, 2.5, 2.5, 5}),
                1e-15);
    }

    @Test
    void spearmanSeesOrderOnly() {
        var targets = new double[] {1, 2, 3, 4, 5};
        var predicted = new double[] {1, 10, 100, 1000, 10000};
        assertEquals(1, Correlation.spearman(predicted, targets), 1e-15);
        assertTrue(Correlation.pearson(predicted, targets) < 0.8);
    }

    @Test
    void aLargeOffsetCostsNoDigitsAndLargeNumbersDoNotOverflow() {
        var targets = new double[] {1, 4, 4};
        assertEquals(
                Math.sqrt(3) / 2,
                Correlation.pearson(new double[] {1e9 + 1, 1e9 + 2, 1e9 + 3}, targets),
                1e-12);
        assertEquals(
                Math.sqrt(3) / 2,
                Correlation.pearson(new double[] {1e120, 2e120, 3e120}, targets),
                1e-12);
    }

    @Test
    void equalPredictionsCorrelateWithNothing() {
        var constant = new double[] {0.1, 0.1, 0.1};
        assertEquals(0, Correlation.pearson(constant, new double[] {1, 2, 3}));
        assertEquals(0, Correlation.spearman(constant, new double[] {1, 2, 3}));
    }

    @Test
    void equalTargetsAndNumbersThatAreNoneAreRefused() {
        var x = new double[] {1, 2};
        assertThrows(
                IllegalArgumentException.class, () -> Correlation.pearson(x, new double[] {3, 3}));
        assertThrows(
                IllegalArgumentException.class, () -> Correlation.pearson(x, new double[] {3}));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Correlation.spearman(new double[] {1, Double.NaN}, x));
        assertTrue(error.getMessage().startsWith("row 1: predicted NaN"), error.getMessage());
    }

    @Test
    void aMetricTakesWhatIsSaidOfARow() {
        assertEquals(2 / 3.0, ClassMetric.ACCURACY.of(List.of(0, 1, 2), List.of(0, 1, 1)));
        assertEquals(2 / 3.0, ClassMetric.F1.of(List.of(1, 1, 0), List.of(1, 0, 0)), 1e-15);
        assertEquals(0, ClassMetric.MATTHEWS.of(List.of(1, 1), List.of(1, 0)));
        assertEquals(1, ScoreMetric.SPEARMAN.of(List.of(.1, .2), List.of(1.0, 5.0)), 1e-15);
        assertEquals("matthews", ClassMetric.MATTHEWS.label());
        assertThrows(
                IllegalArgumentException.class,
                () -> ClassMetric.ACCURACY.of(List.of(-1), List.of(1)));
    }
}
