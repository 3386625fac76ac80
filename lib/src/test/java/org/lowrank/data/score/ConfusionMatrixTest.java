package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

    // TP 6, FN 2, FP 1, TN 3: 12 rows.
    private static final ConfusionMatrix TWELVE =
            new ConfusionMatrix(new long[][] {{3, 1}, {2, 6}});

    @Test
    void countsRowsByTrueAndPredictedClass() {
        var matrix = ConfusionMatrix.of(new int[] {1, 0, 1, 1}, new int[] {1, 1, 0, 1}, 2);
        assertEquals(0, matrix.counts()[0][0]);
        assertEquals(1, matrix.counts()[0][1]);
        assertEquals(1, matrix.counts()[1][0]);
        assertEquals(2, matrix.counts()[1][1]);
    }

    @Test
    void accuracyIsNineOfTwelve() {
        assertEquals(0.75, TWELVE.accuracy());
    }

    @Test
    void f1IsTwelveFifteenths() {
        // precision 6/7, recall 6/8: 2 (6/7)(3/4) / (6/7 + 3/4) = (36/28) / (45/28) = 36/45.
        assertEquals(0.8, TWELVE.f1(1), 1e-15);
    }

    @Test
    void matthewsIsTheTextbookQuotient() {
        // (6·3 − 1·2) / √((6+1)(6+2)(3+1)(3+2)) = 16 / √1120.
        assertEquals(16 / Math.sqrt(1120), TWELVE.matthews(), 1e-15);
    }

    @Test
    void matthewsOfAPerfectAndOfAnInvertedPredictionIsOneAndMinusOne() {
        assertEquals(1, new ConfusionMatrix(new long[][] {{4, 0}, {0, 9}}).matthews(), 1e-15);
        assertEquals(-1, new ConfusionMatrix(new long[][] {{0, 4}, {9, 0}}).matthews(), 1e-15);
    }

    @Test
    void oneClassPredictedGivesMatthewsZeroAndIsNoticed() {
        var majority = new ConfusionMatrix(new long[][] {{0, 322}, {0, 721}});
        assertEquals(0, majority.matthews());
        assertTrue(majority.predictsOneClass());
        assertEquals(721 / 1043.0, majority.accuracy());
        // Always "paraphrase" on the MRPC test set: 2·1147 / (1147 + 1725).
        var mrpc = new ConfusionMatrix(new long[][] {{0, 578}, {0, 1147}});
        assertEquals(2294 / 2872.0, mrpc.f1(1));
        assertFalse(TWELVE.predictsOneClass());
    }

    @Test
    void oneTrueClassGivesMatthewsZeroAndAnAbsentClassF1Zero() {
        assertEquals(0, new ConfusionMatrix(new long[][] {{3, 2}, {0, 0}}).matthews());
        assertEquals(0, new ConfusionMatrix(new long[][] {{5, 0}, {0, 0}}).f1(1));
    }

    @Test
    void matthewsOfThreeClassesByHand() {
        // n = 8, 2 + 1 + 1 = 4 correct; true 3, 3, 2; predicted 4, 2, 2:
        // (4·8 − (12 + 6 + 4)) / √((64 − 24)(64 − 22)) = 10 / √1680.
        var matrix = new ConfusionMatrix(new long[][] {{2, 1, 0}, {1, 1, 1}, {1, 0, 1}});
        assertEquals(10 / Math.sqrt(1680), matrix.matthews(), 1e-15);
    }

    @Test
    void hugeCountsDoNotOverflow() {
        var n = 3_000_000_000L;
        assertEquals(
                0.5, new ConfusionMatrix(new long[][] {{3 * n, n}, {n, 3 * n}}).matthews(), 1e-12);
    }

    @Test
    void rowsAndClassesThatDoNotFitAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ConfusionMatrix.of(new int[0], new int[0], 2));
        assertThrows(
                IllegalArgumentException.class,
                () -> ConfusionMatrix.of(new int[] {1}, new int[] {1, 0}, 2));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ConfusionMatrix.of(new int[] {0, 2}, new int[] {1, 0}, 2));
        assertEquals(
                "row 1: the predicted class is 2, but there are classes 0 to 1",
                error.getMessage());
    }
}
