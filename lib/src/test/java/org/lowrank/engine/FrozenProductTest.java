package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.engine.NormalArrays.normal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrozenProductTest {

    private static final String CALL =
            """
            def all(self, x: Tensor, w: Tensor, b: Tensor, to: Tensor, threads: int) -> Tensor:
              return self.product(x, w, b, to, threads)
            def alone(self, x: Tensor, w: Tensor, threads: int) -> Tensor:
              return self.product(x, w, None, None, threads)
            """;

    @ParameterizedTest(name = "(6, {0}) to {1} on {2} threads")
    @CsvSource({"8, 4, 1", "8, 4, 2", "40, 4, 2", "4, 40, 2"})
    void itIsTheProductWithItsSums(int in, int out, int threads) {
        try (var manager = NDManager.newBaseManager();
                var program = new FrozenProduct(CALL).of(List.of());
                var plain = TorchProgram.of(FrozenProduct.withoutOneDnn() + CALL)) {
            var random = new Random(1);
            var x = normal(manager, random, new Shape(6, in));
            var w = normal(manager, random, new Shape(out, in));
            var turned = normal(manager, random, new Shape(in, out)).transpose();
            var b = normal(manager, random, new Shape(out));
            var to = normal(manager, random, new Shape(6, out));
            for (var weight : new NDArray[] {w, turned}) {
                var product = x.matMul(weight.transpose());
                var sum = product.add(b).add(to).toFloatArray();
                for (var each : new TorchProgram[] {program, plain}) {
                    var all = each.run(manager, "all", x, weight, b, to, threads);
                    assertArrayEquals(sum, all.singletonOrThrow().toFloatArray(), 2e-5f);
                    var alone = each.run(manager, "alone", x, weight, threads);
                    assertArrayEquals(
                            product.toFloatArray(), alone.singletonOrThrow().toFloatArray(), 2e-5f);
                }
            }
        }
    }

    @Test
    void aBuildWithoutOneDnnIsNotAskedForIt() {
        assertTrue(FrozenProduct.product().contains("mkldnn"));
        assertFalse(FrozenProduct.withoutOneDnn().contains("mkldnn"));
    }
}
