package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StatisticsTest {

    /** Mean 3, squares 10 over n - 1 = 4, t(0.975, 4) = 2.7764451 from any printed table. */
    @Test
    void summaryOfOneToFiveHasTheTextbookInterval() {
        var summary = Summary.of(1, 2, 3, 4, 5);
        assertEquals(3, summary.mean());
        assertEquals(1.5811388300841898, summary.standardDeviation(), 1e-15);
        assertEquals(3 - 1.9632432, summary.interval().low(), 1e-6);
        assertEquals(3 + 1.9632432, summary.interval().high(), 1e-6);
    }

    /** t(0.975, 2) = 4.3026527; sd 1; so 10 ± 4.3026527 / sqrt(3). */
    @Test
    void threeSeedsGetTheWideIntervalTheyDeserve() {
        var summary = Summary.of(9, 10, 11);
        assertEquals(10 - 2.4841377, summary.interval().low(), 1e-6);
    }

    @Test
    void oneRunHasNoSpreadAndNoInterval() {
        var summary = Summary.of(0.5);
        assertTrue(Double.isNaN(summary.standardDeviation()));
        assertFalse(summary.interval().known());
    }

    @Test
    void theSignIsShownByAnIntervalThatLeavesZeroOutside() {
        assertEquals(1, Summary.of(9, 10, 11).shownSign());
        assertEquals(-1, Summary.of(-9, -10, -11).shownSign());
        assertEquals(0, Summary.of(1, 2, 3).shownSign()); // 2 - 2.48 is below 0
        assertEquals(0, Summary.of(0.5).shownSign());
    }

    /** One sentence of 408 more in each of three seeds is no proof, though its spread is 0. */
    @Test
    void equalDifferencesShowNoSign() {
        double base = 100 * 312.0 / 408, more = 100 * 313.0 / 408;
        double otherBase = 100 * 290.0 / 408, otherMore = 100 * 291.0 / 408;
        assertEquals(0, Summary.of(more - base, otherMore - otherBase, more - base).shownSign());
        assertEquals(0, Summary.of(0, 0, 0).shownSign());
    }

    @Test
    void aDivergedScoreIsNotAveragedInSilence() {
        assertThrows(IllegalArgumentException.class, () -> Summary.of(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Summary.of());
    }

    @Test
    void pairingTakesTheSeedsThatBothHaveAndCancelsWhatTheyShare() {
        var method = new TreeMap<>(Map.of(0L, 11.0, 1L, 22.0, 2L, 33.0, 7L, 99.0));
        var baseline = new TreeMap<>(Map.of(0L, 10.0, 1L, 20.0, 2L, 30.0, 5L, 1.0));
        var difference = PairedDifference.of(method, baseline);
        assertEquals(3, difference.differences().n());
        assertEquals(2, difference.differences().mean(), 1e-12);
        assertEquals(1, difference.differences().standardDeviation(), 1e-12);
    }

    /** Of the 27 samples of (1, 2, 3) one has mean 1 and three have mean 4/3, and symmetrically. */
    @Test
    void bootstrapOverThreeSeedsGoesThroughAllSamples() {
        var method = new TreeMap<>(Map.of(0L, 1.0, 1L, 2.0, 2L, 3.0));
        var zero = new TreeMap<>(Map.of(0L, 0.0, 1L, 0.0, 2L, 0.0));
        var interval = PairedDifference.of(method, zero).bootstrap();
        assertEquals(1, interval.low(), 1e-12);
        assertEquals(3, interval.high(), 1e-12);
    }

    @Test
    void bootstrapOverManySeedsIsRepeatableAndNearTheNormalInterval() {
        var method = new TreeMap<Long, Double>();
        var zero = new TreeMap<Long, Double>();
        for (long seed = 0; seed < 40; seed++) {
            method.put(seed, seed % 2 == 0 ? 1.0 : -1.0);
            zero.put(seed, 0.0);
        }
        var interval = PairedDifference.of(method, zero).bootstrap();
        assertEquals(PairedDifference.of(method, zero).bootstrap(), interval);
        // a mean of 40 fair signs has standard deviation 1/sqrt(40) = 0.158
        assertEquals(-1.96 * 0.158, interval.low(), 0.05);
        assertEquals(1.96 * 0.158, interval.high(), 0.05);
    }

    @Test
    void noCommonSeedIsRefusedByName() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                PairedDifference.of(
                                        new TreeMap<>(Map.of(1L, 1.0)),
                                        new TreeMap<>(Map.of(2L, 1.0))));
        assertTrue(error.getMessage().contains("[1] and [2]"), error.getMessage());
    }
}
