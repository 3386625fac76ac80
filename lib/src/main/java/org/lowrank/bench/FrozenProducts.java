package org.lowrank.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;

/**
 * The matrix products that a training step with a frozen base cannot do without: x W0ᵀ forward and
 * g W0 backward, for every linear map of the model, on inputs of the step's number of tokens (a
 * step of an encoder of which the first token alone is read makes fewer in its last layer). No
 * bias, no adapter, no activation, no attention: plain product time.
 */
final class FrozenProducts implements AutoCloseable {

    private final List<AdaptableLinear> linears;
    private final NDManager manager;
    private final Map<Long, NDArray> inputs = new HashMap<>();
    private final long rows;

    FrozenProducts(List<AdaptableLinear> linears, long rows) {
        this.linears = linears;
        this.rows = rows;
        manager = linears.get(0).manager().newSubManager();
        for (var linear : linears) {
            inputs.computeIfAbsent(linear.in(), this::input);
            inputs.computeIfAbsent(linear.out(), this::input);
        }
    }

    private NDArray input(long width) {
        return manager.randomNormal(0, 1, new Shape(rows, width), DataType.FLOAT32);
    }

    /** Seconds that all products took, each once. */
    double seconds() {
        long start = System.nanoTime();
        NDArray last = null;
        for (var linear : linears) {
            var weight = linear.weight().stored();
            close(last);
            Linear.linear(inputs.get(linear.in()), weight).singletonOrThrow().close();
            last = inputs.get(linear.out()).matMul(weight);
        }
        // Reading a value waits for a device that works on its own.
        last.getFloat(0, 0);
        close(last);
        return (System.nanoTime() - start) / 1e9;
    }

    private static void close(NDArray array) {
        if (array != null) {
            array.close();
        }
    }

    /** Multiplications and additions of all products. */
    long operations() {
        return linears.stream().mapToLong(l -> 4 * rows * l.in() * l.out()).sum();
    }

    @Override
    public void close() {
        manager.close();
    }
}
