package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The one place where a Java number becomes part of a differentiated graph.
 *
 * <p>{@code x.mul(2f)}, {@code x.div(n)}, {@code x.pow(n)} and their like make a scalar array over
 * a Java buffer and close it at once, while autograd still refers to it: after a garbage collection
 * the backward pass reads freed memory and gradients turn into NaN or garbage at random. A constant
 * inside a graph is therefore made here, natively, and is owned by the block that uses it. Outside
 * a graph the plain calls are safe. A test forbids them in the packages that build graphs.
 */
public final class GraphConstants {

    private GraphConstants() {}

    /** A scalar whose storage belongs to the engine; it lives as long as {@code owner}. */
    public static NDArray scalar(NDManager owner, double value, DataType type) {
        float head = (float) value;
        var scalar = owner.full(new Shape(), head, type);
        // The engine is handed floats: what a float64 scalar has beyond one is added in two more.
        double rest = type == DataType.FLOAT64 && Double.isFinite(value) ? value - head : 0;
        while (rest != 0) {
            try (var part = owner.full(new Shape(), (float) rest, type)) {
                scalar.addi(part);
            }
            rest -= (float) rest;
        }
        return scalar;
    }
}
