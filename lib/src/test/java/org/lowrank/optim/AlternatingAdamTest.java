package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.engine.Arrays;

/** Adam on one factor a step is Adam on that factor, with the steps of the other left out. */
class AlternatingAdamTest {

    private final SplittableRandom random = new SplittableRandom(2);

    private NDArray drawn(NDManager manager, long... shape) {
        var values = new float[(int) new Shape(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Arrays.nativeCopy(manager, values, new Shape(shape));
    }

    private static PairStack stack(NDArray a, NDArray b) {
        return new PairStack(List.of("layer"), a.duplicate(), b.duplicate(), 2);
    }

    @Test
    void eachFactorCountsItsOwnSteps() {
        try (var manager = NDManager.newBaseManager();
                var first = Optimizers.create("adamw_alternating", Map.of("order", "B_FIRST"));
                var ofA = Optimizers.create("adamw");
                var ofB = Optimizers.create("adamw")) {
            var a = drawn(manager, 1, 2, 4);
            var b = drawn(manager, 1, 3, 2);
            var moved = stack(a, b);
            var onlyA = stack(a, b);
            var onlyB = stack(a, b);
            for (int step = 1; step <= 6; step++) {
                var g = new PairGradient(drawn(manager, 1, 2, 4), drawn(manager, 1, 3, 2));
                first.step(List.of(moved), List.of(g), 0.1);
                boolean movesB = step % 2 == 1;
                (movesB ? ofB : ofA).step(List.of(movesB ? onlyB : onlyA), List.of(g), 0.1);
            }
            assertArrayEquals(onlyA.loraA().toFloatArray(), moved.loraA().toFloatArray());
            assertArrayEquals(onlyB.loraB().toFloatArray(), moved.loraB().toFloatArray());
        }
    }

    @Test
    void jointlyItIsAdamW() {
        try (var manager = NDManager.newBaseManager();
                var joint = Optimizers.create("adamw_alternating", Map.of("order", "JOINT"));
                var adamw = Optimizers.create("adamw")) {
            var a = drawn(manager, 1, 2, 4);
            var b = drawn(manager, 1, 3, 2);
            var one = stack(a, b);
            var other = stack(a, b);
            for (int step = 1; step <= 3; step++) {
                var g = new PairGradient(drawn(manager, 1, 2, 4), drawn(manager, 1, 3, 2));
                joint.step(List.of(one), List.of(g), 0.1);
                adamw.step(List.of(other), List.of(g), 0.1);
            }
            assertArrayEquals(other.loraA().toFloatArray(), one.loraA().toFloatArray());
            assertArrayEquals(other.loraB().toFloatArray(), one.loraB().toFloatArray());
        }
    }
}
