package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.optim.PairAssertions.assertCloseFactors;
import static org.lowrank.optim.PairAssertions.assertSameFactors;
import static org.lowrank.optim.PairAssertions.now;
import static org.lowrank.optim.PairAssertions.pairs;
import static org.lowrank.optim.PairAssertions.reader;
import static org.lowrank.optim.PairAssertions.regrouped;
import static org.lowrank.optim.PairAssertions.saved;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.optim.OptimizerCases.Case;

/**
 * What every optimizer keeps between steps: its size, its way through a file, to whom it belongs.
 */
class OptimizerStateTest {

    private static final String ALL = "org.lowrank.optim.OptimizerCases#all";

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void twentyStepsAreTenAndTenMoreAfterARestart(Case c) throws IOException {
        try (var straight = pairs(DataType.FLOAT32);
                var halved = pairs(DataType.FLOAT32);
                var one = c.create();
                var first = c.create();
                var second = c.create()) {
            for (int i = 0; i < 20; i++) {
                straight.step(one, c.rate());
            }
            for (int i = 0; i < 10; i++) {
                halved.step(first, c.rate());
            }
            second.load(reader(saved(first)), halved.stacks());
            for (int i = 0; i < 10; i++) {
                halved.step(second, c.rate());
            }
            assertSameFactors(straight, halved);
            assertArrayEquals(saved(one), saved(second));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_pro", "lora_pro_sgd", "lora_pro_full"})
    void whatIsDrawnIsThatOfTheRunsSeed(String method) throws IOException {
        try (var one = pairs();
                var same = pairs();
                var other = pairs()) {
            draw(method, 1, one);
            draw(method, 1, same);
            draw(method, 2, other);
            assertSameFactors(one, same);
            assertThrows(AssertionError.class, () -> assertSameFactors(one, other));
        }
    }

    private static void draw(String method, long seed, QuadraticPairs pairs) {
        try (var optimizer = Optimizers.create(method, Map.of("x", "RANDOM"))) {
            optimizer.drawFrom(seed);
            for (int i = 0; i < 3; i++) {
                pairs.step(optimizer, 0.04);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void stateFollowsItsPairsIntoAnotherGrouping(Case c) throws IOException {
        try (var straight = pairs();
                var one = c.create();
                var other = c.create()) {
            for (int i = 0; i < 4; i++) {
                straight.step(one, c.rate());
            }
            try (var regrouped = new QuadraticPairs(DataType.FLOAT64, regrouped(now(straight)))) {
                other.load(reader(saved(one)), regrouped.stacks());
                for (int i = 0; i < 3; i++) {
                    straight.step(one, c.rate());
                    regrouped.step(other, c.rate());
                }
                assertCloseFactors(straight, regrouped);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void stateTakesTheBytesThatItsFormulaSays(Case c) {
        for (var type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            try (var pairs = pairs(type);
                    var optimizer = c.create()) {
                pairs.step(optimizer, c.rate());
                long size = type.getNumOfBytes();
                long expected =
                        3 * c.stateBytes().of(8, 6, 2, size) + 2 * c.stateBytes().of(5, 9, 2, size);
                assertEquals(expected, optimizer.stateBytes());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void theStateOfAnotherConfigurationIsRefused(Case c) throws IOException {
        try (var pairs = pairs();
                var optimizer = c.create();
                var other = c.createWith(Map.of("weightDecay", 0.125))) {
            pairs.step(optimizer, c.rate());
            var bytes = saved(optimizer);
            var error =
                    assertThrows(
                            IOException.class, () -> other.load(reader(bytes), pairs.stacks()));
            assertTrue(error.getMessage().contains("0.125"), error.getMessage());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void stateOutlivesAScopeOfTheCaller(Case c) {
        try (var pairs = pairs();
                var same = pairs();
                var optimizer = c.create();
                var other = c.create()) {
            for (int i = 0; i < 3; i++) {
                try (var scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    pairs.step(optimizer, c.rate());
                }
                same.step(other, c.rate());
            }
            assertSameFactors(pairs, same);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void noArrayIsLeftBehindByAStep(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            for (int i = 0; i < 3; i++) {
                pairs.step(optimizer, c.rate());
            }
            int arrays = arrays(pairs);
            for (int i = 0; i < 4; i++) {
                pairs.step(optimizer, c.rate());
            }
            assertEquals(arrays, arrays(pairs));
        }
    }

    private static int arrays(QuadraticPairs pairs) {
        return ((BaseNDManager) pairs.manager()).getManagedArrays().size();
    }
}
