package org.lowrank.optim;

import ai.djl.ndarray.NDScope;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * What the pair optimizers share: the checks before a step, the state by path, the step count, and
 * a scope that frees every intermediate array of a step.
 *
 * <p>A subclass computes all new values first and writes in place last, so that a refusal leaves
 * factors and state as they were.
 */
abstract class StackedOptimizer implements PairOptimizer {

    private final OptimizerState state = new OptimizerState(this::layout);
    private long steps;

    /** The arrays that this optimizer keeps for a stack. */
    protected abstract List<StateArray> layout(PairStack stack);

    /**
     * Moves all pairs.
     *
     * @param raw null where the step does not read a gradient
     * @param step the number of this step, from 1
     */
    protected abstract void move(
            List<PairStack> stacks, List<PairGradient> raw, double learningRate, long step);

    /** The state of the i-th stack of this step. */
    protected final OptimizerState.Of state(int stack) {
        return state.of(stack);
    }

    /** The number of steps made. */
    protected final long steps() {
        return steps;
    }

    @Override
    public final void step(List<PairStack> stacks, List<PairGradient> raw, double learningRate) {
        Checks.step(this, stacks, raw, learningRate);
        state.arrange(stacks);
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            move(stacks, readOnly(raw), learningRate, steps + 1);
        }
        steps++;
    }

    /** Without the gradients that this step does not read, whatever they hold. */
    private List<PairGradient> readOnly(List<PairGradient> raw) {
        return raw.stream()
                .map(
                        g ->
                                new PairGradient(
                                        readsA() ? g.gradA() : null, readsB() ? g.gradB() : null))
                .toList();
    }

    @Override
    public final long stateBytes() {
        return state.bytes();
    }

    @Override
    public final void save(DataOutput out) throws IOException {
        StateFile.write(out, toString(), steps, state);
    }

    @Override
    public final void load(DataInput in, List<PairStack> stacks) throws IOException {
        Checks.pairs(stacks);
        steps = StateFile.read(in, toString(), state, stacks);
    }

    @Override
    public final void close() {
        state.close();
    }
}
