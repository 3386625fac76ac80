package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.lowrank.engine.Arrays;

/**
 * One stack and the leaves of the graph that share storage with its slices: the stack is what an
 * optimizer moves, the leaves are what autograd sees.
 */
final class PairGroup {

    /** What pairs of one stack have in common. */
    record Key(long out, long in, int rank, double scaling) {}

    private final PairStack stack;
    private final List<LoraPair> pairs = new ArrayList<>();

    /**
     * @param starts the first values of each pair, in the order of {@code paths}
     * @param owner of the arrays
     */
    PairGroup(
            List<String> paths,
            Key key,
            List<Initialization.Start> starts,
            DataType type,
            NDManager owner) {
        // zeros + set: storage that the engine owns, not a Java buffer
        var a = owner.zeros(new Shape(paths.size(), key.rank(), key.in()), type);
        var b = owner.zeros(new Shape(paths.size(), key.out(), key.rank()), type);
        stack = new PairStack(paths, a, b, key.scaling());
        for (int i = 0; i < paths.size(); i++) {
            fill(a, i, starts.get(i).loraA());
            fill(b, i, starts.get(i).loraB());
            pairs.add(new LoraPair(paths.get(i), leaf(a, i), leaf(b, i), key.scaling()));
        }
    }

    PairStack stack() {
        return stack;
    }

    List<LoraPair> pairs() {
        return pairs;
    }

    /** The gradients that have accumulated, stacked; null where they are not asked for. */
    PairGradient gradients(NDManager owner, boolean ofA, boolean ofB) {
        var a = pairs.stream().map(LoraPair::loraA).toList();
        var b = pairs.stream().map(LoraPair::loraB).toList();
        return new PairGradient(
                ofA ? stackGradients(a, owner) : null, ofB ? stackGradients(b, owner) : null);
    }

    static void fill(NDArray stack, int index, float[] values) {
        try (var scratch = stack.getManager().newSubManager()) {
            var row = stack.getShape().slice(1);
            var array = scratch.create(values, row).toType(stack.getDataType(), false);
            stack.set(new NDIndex(index), array);
        }
    }

    /** A leaf of the graph that shares storage with one slice of the stack. */
    static NDArray leaf(NDArray stack, int index) {
        return Arrays.leaf(stack.get(index));
    }

    private static NDArray stackGradients(List<NDArray> leaves, NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var list = new NDList();
            for (var leaf : leaves) {
                var gradient = leaf.getGradient();
                gradient.attach(scratch);
                list.add(gradient);
            }
            var stacked = NDArrays.stack(list);
            stacked.attach(owner);
            return stacked;
        }
    }
}
