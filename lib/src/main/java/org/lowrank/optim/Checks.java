package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.HashSet;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/** What every optimizer refuses before it touches anything, said in one way. */
final class Checks {

    private Checks() {}

    static void decay(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1), but it is " + value);
        }
    }

    static void notNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    name + " must be finite and at least 0, but it is " + value);
        }
    }

    static void positive(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    name + " must be finite and above 0, but it is " + value);
        }
    }

    /** Refuses a step without pairs, with a path twice, or whose gradients do not fit. */
    static void step(
            PairOptimizer optimizer,
            List<PairStack> stacks,
            List<PairGradient> raw,
            double learningRate) {
        pairs(stacks);
        notNegative("learningRate", learningRate);
        if (raw.size() != stacks.size()) {
            throw new IllegalArgumentException(
                    "one gradient is needed for each of the "
                            + stacks.size()
                            + " stacks, but there are "
                            + raw.size());
        }
        for (int i = 0; i < stacks.size(); i++) {
            var stack = stacks.get(i);
            if (optimizer.readsA()) {
                gradient("lora_A", stack, stack.loraA(), raw.get(i).gradA());
            }
            if (optimizer.readsB()) {
                gradient("lora_B", stack, stack.loraB(), raw.get(i).gradB());
            }
        }
    }

    static void pairs(List<PairStack> stacks) {
        var seen = new HashSet<String>();
        for (var stack : stacks) {
            for (var path : stack.paths()) {
                if (!seen.add(path)) {
                    throw new IllegalArgumentException(
                            "the pair " + path + " is given twice; a step would move it twice");
                }
            }
        }
        if (seen.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no adapter pair to move; attach adapters before the optimizer steps");
        }
    }

    private static void gradient(String factor, PairStack stack, NDArray weight, NDArray gradient) {
        if (gradient == null || !gradient.getShape().equals(weight.getShape())) {
            throw new IllegalArgumentException(
                    "the gradient of "
                            + factor
                            + " of "
                            + stack.paths()
                            + " must have the shape "
                            + weight.getShape()
                            + " of the factor, but it is "
                            + (gradient == null ? "absent" : gradient.getShape()));
        }
    }
}
