package org.lowrank.model.block;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Tape;

/**
 * A backward pass that keeps the input of every stage and computes what lies within it anew (Chen
 * et al., arXiv 1604.06174). A stage is differentiated by Σ y · g, whose gradient by y is g to the
 * bit.
 *
 * @param seed of what stages draw; each draws the same when it is computed anew
 */
record LayerByLayer(int seed) {

    /**
     * @param first what the first stage reads
     * @param firstIsTrained whether that has gradients of its own
     * @param last from what the last stage makes to the loss
     * @return the loss
     */
    NDArray backward(
            Supplier<NDArray> first,
            boolean firstIsTrained,
            List<UnaryOperator<NDArray>> stages,
            UnaryOperator<NDArray> last) {
        var inputs = new ArrayList<NDArray>();
        begin(-1);
        var x = first.get(); // without a collector there is no graph
        for (int i = 0; i < stages.size(); i++) {
            inputs.add(x);
            begin(i);
            x = stages.get(i).apply(x);
        }
        NDArray loss;
        NDArray gradient;
        try (var leaf = Arrays.leaf(x);
                var tape = Tape.recording()) {
            begin(stages.size());
            loss = last.apply(leaf);
            tape.backward(loss);
            gradient = leaf.getGradient();
        }
        x.close();
        for (int i = stages.size() - 1; i >= 0; i--) {
            var input = inputs.get(i);
            try (var leaf = Arrays.leaf(input);
                    var above = gradient;
                    var tape = Tape.recording()) {
                begin(i);
                backward(tape, stages.get(i).apply(leaf), above);
                gradient = leaf.getGradient();
            }
            input.close();
        }
        if (firstIsTrained) {
            try (var tape = Tape.recording()) {
                begin(-1);
                backward(tape, first.get(), gradient);
            }
        }
        gradient.close();
        return loss.stopGradient();
    }

    /** What the graph holds ends with y. */
    private static void backward(Tape tape, NDArray y, NDArray gradient) {
        try (y;
                var weighted = y.mul(gradient);
                var sum = weighted.sum()) {
            tape.backward(sum);
        }
    }

    private void begin(int stage) {
        Engine.getInstance().setRandomSeed(seed * 31 + stage);
    }
}
