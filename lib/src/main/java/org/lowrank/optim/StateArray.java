package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.adapter.PairStack;

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

    /** NAMEA and NAMEB in the shapes of a stack's factors. */
    static List<StateArray> ofBoth(PairStack stack, String... names) {
        var arrays = new ArrayList<StateArray>();
        for (var name : names) {
            arrays.add(like(name + "A", stack.loraA()));
            arrays.add(like(name + "B", stack.loraB()));
        }
        return arrays;
    }
}
