package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SeedPowerTest {

    private static SortedMap<Long, Double> scores(double... bySeed) {
        var scores = new TreeMap<Long, Double>();
        for (int i = 0; i < bySeed.length; i++) {
            scores.put((long) i, bySeed[i]);
        }
        return scores;
    }

    @Test
    void twoSettingsHaveTheDeviationOfTheirDifferences() {
        // differences 1, 3, 2: mean 2, standard deviation 1
        var power = SeedPower.of(List.of(scores(1, 4, 9), scores(0, 1, 7)));
        assertEquals(1, power.pairedDeviation(), 1e-12);
        assertEquals(2, power.degrees());
        // t(0.975, 2) = 4.3027, t(0.8, 2) = 1.0607, over √3
        assertEquals(4.3027 / Math.sqrt(3), power.halfWidth(3), 1e-4);
        assertEquals((4.3027 + 1.0607) / Math.sqrt(3), power.visible(3), 1e-4);
    }

    @Test
    void whatIsCommonToASeedDoesNotCount() {
        var power = SeedPower.of(List.of(scores(1, 5, 2), scores(3, 7, 4), scores(2, 6, 3)));
        assertEquals(0, power.pairedDeviation(), 1e-12);
        assertEquals(4, power.degrees());
        assertEquals(0, power.visible(2), 1e-10);
    }

    @Test
    void moreSeedsSeeLess() {
        var power = SeedPower.of(List.of(scores(1, 4, 9), scores(0, 1, 7)));
        assertTrue(power.visible(2) > power.visible(3) && power.visible(3) > power.visible(30));
    }

    /** Drawn comparisons with a true difference of that size: about four of five are seen. */
    @Test
    void aVisibleDifferenceIsSeenInFourOfFiveComparisons() {
        var power = new SeedPower(1, 8, 5, 3);
        var random = new SplittableRandom(3);
        for (int n : new int[] {3, 5, 10}) {
            int seen = 0;
            for (int trial = 0; trial < 4000; trial++) {
                var differences = new double[n];
                for (int i = 0; i < n; i++) {
                    differences[i] = power.visible(n) + random.nextGaussian();
                }
                seen += Summary.of(differences).interval().low() > 0 ? 1 : 0;
            }
            assertEquals(SeedPower.SEEN, seen / 4000.0, 0.05, n + " seeds");
        }
    }

    @Test
    void oneSettingOrOneSeedSaysNothing() {
        assertThrows(IllegalArgumentException.class, () -> SeedPower.of(List.of(scores(1, 2, 3))));
        var apart = new TreeMap<>(Map.of(7L, 1.0, 8L, 2.0));
        assertThrows(
                IllegalArgumentException.class, () -> SeedPower.of(List.of(scores(1, 2), apart)));
    }
}
