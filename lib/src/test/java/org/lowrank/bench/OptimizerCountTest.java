package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerCountTest {

    private static final ModelShape SMALL =
            new ModelShape(
                    "small",
                    2,
                    List.of(
                            new ModelShape.Weight("q", 12, 12),
                            new ModelShape.Weight("up", 20, 12)),
                    0);

    static Stream<String> methods() {
        return OptimizerCount.names().stream();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theCountedStateIsTheStateThatTheOptimizerKeeps(String method) {
        var measured = OptimizerTime.measure(method, SMALL, 3, 2);
        assertEquals(measured.stateBytes(), OptimizerCount.of(method).stateBytes(SMALL, 3, 4));
    }

    @Test
    void flopsOfOneWeightWorkedByHand() {
        // m = n = 4, r = 2: r² (m + n) = 32, r³ = 8, r (m + n) = 16, m n r = 32, m n = 16
        var one = new ModelShape("one", 1, List.of(new ModelShape.Weight("q", 4, 4)), 0);
        assertEquals(12 * 16, OptimizerCount.of("adamw").flops(one, 2));
        assertEquals(8 * 32 + 34 * 8 + 16 * 16, OptimizerCount.of("lora_pro").flops(one, 2));
        assertEquals(4 * 32 + 3 * 8 + 2.5 * 16, OptimizerCount.of("altlora").flops(one, 2));
        assertEquals(
                16 * 32 + 68 * 8 + 10 * 16 + 8 * 32 + 13 * 16,
                OptimizerCount.of("lora_pro_full").flops(one, 2));
    }

    @Test
    void aPassCostsFourOperationsAFrozenWeightAndSixATrainedNumber() {
        assertEquals(10 * (4 * 100 + 6 * 7), OptimizerCount.passFlops(100, 7, 10));
    }

    @Test
    void anUnknownMethodIsRefusedWithTheKnownOnes() {
        var e = assertThrows(IllegalArgumentException.class, () -> OptimizerCount.of("lora"));
        assertTrue(e.getMessage().contains("altlora_plus"), e.getMessage());
    }
}
