package org.lowrank.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lowrank.experiment.record.RunRecord;

class TrainingLossesTest {

    private final TrainingLosses losses = new TrainingLosses();

    /** One point a step, from step 1. */
    private static List<RunRecord.Point> points(double... values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> new RunRecord.Point(i + 1, values[i], 0.1, 1))
                .toList();
    }

    @BeforeEach
    void runsOfTwoMethods() {
        losses.add("LoRA", 1, points(1, 8, 2));
        losses.add("LoRA", 2, points(1, 0.5, 4));
        losses.add("LoRA-Pro", 1, points(1, 7, 1));
        losses.add("LoRA-Pro", 2, points(1, 0.25));
        losses.add("LoRA-Pro", 3, points(9, 9, 9));
    }

    @Test
    void theMeanIsOverTheSeedsThatReachedAStep() {
        assertEquals(Map.of(1L, 1.0, 2L, 4.25, 3L, 3.0), losses.mean("LoRA"));
    }

    @Test
    void aDifferenceIsTakenAtTheSameStepOfTheSameSeed() {
        assertEquals(Map.of(1L, 0.0, 2L, -0.625, 3L, -1.0), losses.minus("LoRA-Pro", "LoRA"));
        assertEquals(Map.of(1L, 0.0, 2L, 0.0, 3L, 0.0), losses.minus("LoRA", "LoRA"));
    }

    @Test
    void aRowThatIsNotThereGivesNothing() {
        assertTrue(losses.minus("LoRA-Pro", "DoRA").isEmpty());
        assertTrue(losses.minus("DoRA", "LoRA").isEmpty());
        assertTrue(losses.mean("DoRA").isEmpty());
    }

    @Test
    void aPointIsTheMeanOfAPartOfTheCurveAndStandsAtItsEnd() {
        var curve = new TreeMap<>(Map.of(2L, 1.0, 4L, 3.0, 6L, 7.0));
        assertEquals(Map.of(2L, 1.0, 6L, 5.0), TrainingLosses.means(curve, 2));
        assertEquals(curve, TrainingLosses.means(curve, 16));
        assertTrue(TrainingLosses.means(new TreeMap<>(), 16).isEmpty());
    }
}
