package org.lowrank.soundness;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.function.Function;

/**
 * A differentiated computation of the library.
 *
 * @param name what is computed
 * @param build makes it anew, with arrays that live as long as the given manager
 */
record GraphCase(String name, Function<NDManager, Graph> build) {

    /**
     * @param leaves what is differentiated by, by name; every one of them requires a gradient
     * @param loss a scalar, from arrays of the given step
     */
    record Graph(Map<String, NDArray> leaves, Function<NDManager, NDArray> loss) {}

    @Override
    public String toString() {
        return name;
    }
}
