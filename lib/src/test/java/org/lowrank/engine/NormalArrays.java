package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** Float32 arrays of normal numbers, the same for the same source on every device. */
public final class NormalArrays {

    private NormalArrays() {}

    public static NDArray normal(NDManager manager, Random random, Shape shape) {
        var values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }
}
