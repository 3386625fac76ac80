package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lowrank.bench.ModelShape.Weight;

class OptimizerBenchmarkTest {

    @Test
    void everyMethodIsMeasuredWithItsStateAndItsPairs() {
        var small =
                new ModelShape(
                        "small", 2, List.of(new Weight("q", 24, 24), new Weight("up", 48, 24)), 0);
        var rows = OptimizerBenchmark.measure(small, 4, 3);
        var methods = rows.stream().map(OptimizerBenchmark.Row::method).collect(Collectors.toSet());
        assertTrue(methods.containsAll(List.of("adamw", "lora_pro", "lora_pro_full", "altlora")));
        for (var row : rows) {
            assertEquals(4, row.pairs());
            // LoRA-RITE's algebra is not told apart from its step.
            boolean apart = !row.method().equals("lora_rite");
            assertEquals(apart, row.algebraMicroseconds() >= 0, row.csv());
        }
        var adam = rows.stream().filter(r -> r.method().equals("adamw")).findFirst().orElseThrow();
        // Two moments of r (m + n) float32 numbers, of 24 x 24 and 48 x 24 in each of two blocks.
        assertEquals(2 * 2 * 4 * (48 + 72) * 4, adam.stateBytes());
    }
}
