package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.HashMap;
import java.util.Map;

/** The numbers of a step as arrays of the device, made when first asked for. */
final class StepConstants implements AutoCloseable {

    private final NDManager manager;
    private final Map<Double, NDArray> arrays = new HashMap<>();

    StepConstants(NDManager parent) {
        manager = parent.newSubManager();
    }

    NDArray of(double value) {
        return arrays.computeIfAbsent(value, this::create);
    }

    /** It outlives the scope within the step in which it is asked for. */
    private NDArray create(double value) {
        var array = manager.create(value);
        NDScope.unregister(array);
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
