package org.lowrank.adapter.init;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.Initialization.Factors;

/** Factors from arrays in float64. */
final class StartValues {

    private StartValues() {}

    static Factors of(NDArray loraA, NDArray loraB) {
        return new Factors(floats(loraA), floats(loraB));
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }
}
