package org.lowrank.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchPlanTest {

    private static final int ROWS = 1003;

    /** Lengths 3 to 42, as uneven as those of sentences. */
    private static int[] lengths() {
        return IntStream.range(0, ROWS).map(i -> 3 + (i * 7919 % 211) * (i % 13) / 65).toArray();
    }

    static List<BatchPlan> plans() {
        return List.of(
                BatchPlan.ofSize(lengths(), 8, 5),
                BatchPlan.ofSize(lengths(), 1, 5),
                BatchPlan.ofSize(lengths(), 5000, 5),
                BatchPlan.ofTokens(lengths(), 300, 5));
    }

    private static List<int[]> epoch(BatchPlan plan, long epoch) {
        return IntStream.range(0, plan.batchesPerEpoch())
                .mapToObj(i -> plan.rows(epoch, i))
                .toList();
    }

    private static int[] flat(List<int[]> batches) {
        return batches.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private static int[] all() {
        return IntStream.range(0, ROWS).toArray();
    }

    @ParameterizedTest
    @MethodSource("plans")
    void everyEpochHoldsEveryRowOnceInAnOrderOfItsOwn(BatchPlan plan) {
        for (var epoch = 0; epoch < 3; epoch++) {
            assertArrayEquals(all(), Arrays.stream(flat(epoch(plan, epoch))).sorted().toArray());
        }
        assertFalse(Arrays.equals(flat(epoch(plan, 0)), flat(epoch(plan, 1))));
    }

    @ParameterizedTest
    @MethodSource("plans")
    void evaluationSeesEveryRowOnceFromShortToLong(BatchPlan plan) {
        var rows = flat(plan.inOrder());
        assertArrayEquals(all(), Arrays.stream(rows).sorted().toArray());
        for (var i = 1; i < ROWS; i++) {
            assertTrue(lengths()[rows[i - 1]] <= lengths()[rows[i]]);
        }
        assertArrayEquals(rows, flat(plan.inOrder()));
    }

    @Test
    void anEpochOfAFreshPlanIsThatOfAPlanThatRanBefore() {
        var plan = BatchPlan.ofSize(lengths(), 32, 9);
        epoch(plan, 0);
        assertArrayEquals(flat(epoch(plan, 1)), flat(epoch(BatchPlan.ofSize(lengths(), 32, 9), 1)));
    }

    @Test
    void aFixedSizeLeavesOneShortBatchAtMostAndNotAlwaysTheLongestRows() {
        var plan = BatchPlan.ofSize(lengths(), 8, 5);
        assertEquals(126, plan.batchesPerEpoch());
        var places = new ArrayList<Integer>();
        for (var epoch = 0L; epoch < 20; epoch++) {
            var sizes = epoch(plan, epoch).stream().map(rows -> rows.length).toList();
            assertEquals(125, sizes.stream().filter(size -> size == 8).count());
            assertEquals(1, sizes.stream().filter(size -> size == 3).count());
            var shortOne = plan.rows(epoch, sizes.indexOf(3));
            places.add(ByLength.longest(lengths(), shortOne));
        }
        assertTrue(places.stream().distinct().count() > 5, places.toString());
    }

    @Test
    void aTokenBudgetIsKeptAndFilled() {
        var plan = BatchPlan.ofTokens(lengths(), 300, 5);
        for (var epoch = 0; epoch < 3; epoch++) {
            for (var rows : epoch(plan, epoch)) {
                assertTrue(rows.length * ByLength.longest(lengths(), rows) <= 300);
            }
        }
        var tokens = Arrays.stream(lengths()).sum();
        assertTrue(plan.batchesPerEpoch() < 1.25 * tokens / 300, "" + plan.batchesPerEpoch());
    }

    @Test
    void bucketsPadFarLessThanBatchesInRandomOrder() {
        var order = SeededOrder.of(ROWS, 1);
        var padded = 0;
        for (var start = 0; start < ROWS; start += 16) {
            var rows = Arrays.copyOfRange(order, start, Math.min(ROWS, start + 16));
            padded += rows.length * ByLength.longest(lengths(), rows);
        }
        var random = 1 - Arrays.stream(lengths()).sum() / (double) padded;
        var plan = BatchPlan.ofSize(lengths(), 16, 1);
        long tokens = 0;
        for (int i = 0; i < plan.batchesPerEpoch(); i++) {
            tokens += plan.rows(0, i).length * ByLength.longest(lengths(), plan.rows(0, i));
        }
        var bucketed = 1 - Arrays.stream(lengths()).sum() / (double) tokens;
        assertTrue(random > 0.4 && bucketed < 0.1, random + " " + bucketed);
    }

    @Test
    void whatCannotBeCutIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> BatchPlan.ofSize(lengths(), 0, 1));
        assertThrows(IllegalArgumentException.class, () -> BatchPlan.ofSize(new int[0], 4, 1));
        var empty = new int[] {4, 0};
        var error =
                assertThrows(IllegalArgumentException.class, () -> BatchPlan.ofSize(empty, 4, 1));
        assertTrue(error.getMessage().startsWith("row 1 has 0 tokens"), error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> BatchPlan.ofTokens(lengths(), 8, 1));
        var plan = BatchPlan.ofSize(lengths(), 8, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> plan.rows(0, 126));
    }
}
