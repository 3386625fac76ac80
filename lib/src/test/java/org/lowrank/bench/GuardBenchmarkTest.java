package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardBenchmarkTest {

    private static Map<String, Double> ratios(double one, double other) {
        var ratios = new LinkedHashMap<String, Double>();
        ratios.put("adamw r=8", one);
        ratios.put("lora_pro r=8", other);
        return ratios;
    }

    private static GuardBenchmark.Outcome judged(ArrayDeque<Map<String, Double>> seen)
            throws Exception {
        return GuardBenchmark.judge(ratios(1, 4), GuardBenchmark.TOLERANCE, seen::remove);
    }

    @Test
    void whatIsTwiceAsSlowEachTimeIsNamed() throws Exception {
        var seen = new ArrayDeque<>(List.of(ratios(1, 8.2), ratios(1.1, 8), ratios(0.9, 8.1)));
        assertEquals(List.of("lora_pro r=8"), judged(seen).slower());
        assertTrue(seen.isEmpty());
    }

    @Test
    void whatIsSlowOncePasses() throws Exception {
        var seen = new ArrayDeque<>(List.of(ratios(3, 8), ratios(1.2, 9), ratios(5, 4.1)));
        var outcome = judged(seen);
        assertEquals(List.of(), outcome.slower());
        assertEquals(ratios(1.2, 4.1), outcome.ratios());
    }

    @Test
    void whatPassesIsMeasuredOnce() throws Exception {
        var seen = new ArrayDeque<>(List.of(ratios(1.5, 6), ratios(1, 4)));
        assertEquals(List.of(), judged(seen).slower());
        assertEquals(1, seen.size());
    }

    @Test
    void whatIsNoNumberDoesNotPass() throws Exception {
        var nan = ratios(Double.NaN, 4);
        assertEquals(
                List.of("adamw r=8"), judged(new ArrayDeque<>(List.of(nan, nan, nan))).slower());
    }

    @Test
    void otherStepsThanCommittedAreRefused() {
        var seen = new ArrayDeque<>(List.of(Map.of("adamw r=8", 1.0)));
        var e = assertThrows(IllegalArgumentException.class, () -> judged(seen));
        assertTrue(e.getMessage().contains("delete it and run again"), e.getMessage());
    }

    @Test
    void whatIsWrittenIsRead(@TempDir Path folder) throws Exception {
        var file = folder.resolve("bench_guard.csv");
        Files.writeString(file, GuardBenchmark.csv(ratios(1.25, 4.5)));
        assertEquals(ratios(1.25, 4.5), GuardBenchmark.read(file));
        assertEquals(GuardBenchmark.TOLERANCE, GuardBenchmark.tolerance(file));
    }

    @Test
    void onAnotherProcessorMoreMayDiffer(@TempDir Path folder) throws Exception {
        var file = folder.resolve("bench_guard.csv");
        Files.writeString(
                file, GuardBenchmark.csv(ratios(1, 4)).replaceAll("(?m)[^,]+$", "another"));
        assertEquals(GuardBenchmark.TOLERANCE_ELSEWHERE, GuardBenchmark.tolerance(file));
        assertEquals(ratios(1, 4), GuardBenchmark.read(file));
    }
}
