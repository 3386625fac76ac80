package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * One array that an optimizer keeps for a stack.
 *
 * @param shape its first axis is the stack's: one slice a pair
 */
record StateArray(String name, Shape shape, DataType type) {

    static StateArray like(String name, NDArray array) {
        return new StateArray(name, array.getShape(), array.getDataType());
    }
}
