package org.lowrank.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.optim.ParameterAdamW;

class AccumulationTest {

    private static TrainingConfig of(int accumulated, double epochs, int steps) {
        var config = TrainingConfig.of(1, 0.02).withGradientAccumulation(accumulated);
        return steps > 0
                ? new TrainingConfig(
                        0.02, null, null, null, null, accumulated, null, null, steps, null, null)
                : config.withEpochs(epochs);
    }

    @ParameterizedTest(name = "{0} batches, {1} a step, {2} epochs or {3} steps")
    @CsvSource({
        "8, 3, 1, 0, 3 3 2, 1",
        "8, 3, 2, 0, 3 3 2 3 3 2, 2",
        "8, 3, 0.5, 0, 3 1, 0.5",
        "8, 1, 0.5, 0, 1 1 1 1, 0.5",
        "8, 4, 1.5, 0, 4 4 4, 1.5",
        "3, 1, 0.1, 0, 1, 0.3333333333333333",
        "8, 3, 0, 4, 3 3 2 3, 1.375",
        "5, 4, 0, 2, 4 1, 1",
        "3, 3, 0, 2, 3 3, 2",
    })
    void anEpochHoldsEveryBatchOnce(
            int batches, int accumulated, double epochs, int steps, String counts, double done) {
        var plan = StepPlan.of(of(accumulated, epochs, steps), batches);
        var parts = LongStream.rangeClosed(1, plan.steps()).mapToObj(plan::batches).toList();
        assertEquals(
                counts,
                String.join(" ", parts.stream().map(p -> Integer.toString(p.count())).toList()));
        assertEquals(done, plan.epochs(), 1e-15);
        assertEquals(done, plan.epochsAfter(plan.steps()), 1e-15);
        assertEquals(0, plan.epochsAfter(0));
        long next = 0;
        for (var part : parts) {
            assertEquals(next, part.epoch() * batches + part.first());
            next += part.count();
        }
        assertEquals(plan.batches(), next);
    }

    @Test
    void moreThanAnEpochCannotBeAccumulated() {
        var error = assertThrows(IllegalArgumentException.class, () -> StepPlan.of(of(8, 1, 0), 3));
        assertTrue(error.getMessage().contains("an epoch has only 3 batches"), error.getMessage());
    }

    private record Seen(List<StepReport> steps, float[] weights, double epochs) {}

    private static Seen train(List<int[]> batches, int accumulated) {
        try (var manager = NDManager.newBaseManager()) {
            var model = new TinyMlp(manager, 2, 5, 16, 3, 1);
            var task = new SpiralObjective(model, manager, 40, 8, 5);
            var trained = new Trained(model, null, null, model.parameters(), new ParameterAdamW(0));
            var loop =
                    new TrainingLoop(
                            trained,
                            task.ofRows(batches),
                            Map::of,
                            of(accumulated, 1, 0).withMaxGradNorm(0),
                            7,
                            List.of());
            var result = loop.run();
            var weights = model.parameters().get("block.1.second.weight").toFloatArray();
            return new Seen(result.steps(), weights, result.epochs());
        }
    }

    private static int[] rows(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    /** Rows of batches of any size weigh alike, as the tokens of an answer of any length. */
    @Test
    void batchesOfUnequalSizeGiveOneMeanOverTheWholeStep() {
        var apart = train(List.of(rows(0, 2), rows(2, 23), rows(23, 27)), 3);
        var whole = train(List.of(rows(0, 27)), 1);
        assertEquals(1, apart.steps().size());
        assertEquals(27, apart.steps().get(0).examples());
        assertEquals(whole.steps().get(0).loss(), apart.steps().get(0).loss(), 1e-6);
        assertEquals(
                1, apart.steps().get(0).gradientNorm() / whole.steps().get(0).gradientNorm(), 1e-5);
        assertArrayEquals(whole.weights(), apart.weights(), 1e-5f);
    }

    @Test
    void theLastStepOfAnEpochTakesWhatIsLeftAtItsRightWeight() {
        var batches = new ArrayList<int[]>();
        for (int i = 0; i < 8; i++) {
            batches.add(rows(5 * i, 5 * i + 5));
        }
        var joined = List.of(rows(0, 15), rows(15, 30), rows(30, 40));
        var apart = train(batches, 3);
        var whole = train(joined, 1);
        assertEquals(1, apart.epochs());
        assertEquals(
                List.of(15L, 15L, 10L), apart.steps().stream().map(StepReport::examples).toList());
        for (int step = 0; step < 3; step++) {
            assertEquals(
                    1,
                    apart.steps().get(step).loss() / whole.steps().get(step).loss(),
                    1e-4,
                    Arrays.toString(joined.get(step)));
        }
        assertArrayEquals(whole.weights(), apart.weights(), 1e-3f);
    }
}
