package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.norm.Dropout;

/**
 * Dropout (Srivastava et al., 2014): in training each value is zeroed with the given probability
 * and the others are scaled by 1 / (1 - probability). It draws from the engine's random source.
 */
public record Regularizer(double probability) {

    /** The values themselves outside training, or where the probability is 0. */
    public NDArray apply(NDArray x, boolean training) {
        return training && probability > 0
                ? Dropout.dropout(x, (float) probability, true).singletonOrThrow()
                : x;
    }
}
