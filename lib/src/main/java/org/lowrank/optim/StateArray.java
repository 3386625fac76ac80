package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * One array that a stage keeps for a stack.
 *
 * @param name of no other array of the chain
 * @param shape its first axis is the stack's: one slice a pair
 */
public record StateArray(String name, Shape shape, DataType type) {

    public static StateArray like(String name, NDArray array) {
        return new StateArray(name, array.getShape(), array.getDataType());
    }
}
