package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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

    private static NDArray normal(NDManager manager, Random random, long... shape) {
        var values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(shape));
    }

    @ParameterizedTest(name = "(6, {0}) to {1} on {2} threads")
    @CsvSource({"8, 4, 1", "8, 4, 2", "40, 4, 2", "4, 40, 2"})
    void itIsTheProductWithItsSums(int in, int out, int threads) {
        try (var manager = NDManager.newBaseManager();
                var program = FrozenProduct.with(CALL);
                var plain = TorchProgram.of(FrozenProduct.withoutOneDnn() + CALL)) {
            var random = new Random(1);
            var x = normal(manager, random, 6, in);
            var w = normal(manager, random, out, in);
            var turned = normal(manager, random, in, out).transpose();
            var b = normal(manager, random, out);
            var to = normal(manager, random, 6, out);
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
        assertTrue(FrozenProduct.method().contains("mkldnn"));
        assertFalse(FrozenProduct.withoutOneDnn().contains("mkldnn"));
    }
}
