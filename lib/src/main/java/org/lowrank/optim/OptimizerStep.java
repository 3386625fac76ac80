package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.lowrank.adapter.PairStack;
import org.lowrank.rule.Draws;

/** One step of all pairs as an {@link OptimizerStage} sees it. What it makes ends with the step. */
public final class OptimizerStep implements AutoCloseable {

    private final List<PairStack> stacks;
    private final OptimizerState state;
    private final StepConstants constants;
    private final Draws draws;
    private final double learningRate;

    OptimizerStep(List<PairStack> stacks, OptimizerState state, Draws draws, double learningRate) {
        this.stacks = stacks;
        this.state = state;
        this.draws = draws;
        this.learningRate = learningRate;
        constants = new StepConstants(manager());
    }

    /** The factors before the step, which no stage changes but in {@link OptimizerStage#after}. */
    public List<PairStack> stacks() {
        return stacks;
    }

    /** The manager of the factors, which knows their device. */
    public NDManager manager() {
        return stacks.get(0).loraA().getManager();
    }

    /** The number of this step, from 1. */
    public long number() {
        return draws.step();
    }

    /** What a rule or a stage draws from, the same whenever this step of the run is made. */
    public Draws draws() {
        return draws;
    }

    public double learningRate() {
        return learningRate;
    }

    /** What a stage keeps of a stack, to be changed in place; null if it does not keep the name. */
    public NDArray kept(int stack, String name) {
        return state.of(stack).get(name);
    }

    /** A number as an array of the device, made once a step. */
    public NDArray constant(double value) {
        return constants.of(value);
    }

    @Override
    public void close() {
        constants.close();
    }

    FactorStep ofA(int stack) {
        return of(stacks.get(stack).loraA(), stack, "A");
    }

    FactorStep ofB(int stack) {
        return of(stacks.get(stack).loraB(), stack, "B");
    }

    /** Arithmetic of a factor on an array that is none, with a count of its own. */
    FactorStep of(int stack, long count) {
        return new FactorStep(constants, null, count, learningRate, name -> kept(stack, name));
    }

    /** A factor where it would stand; nothing is kept of it. */
    FactorStep of(int stack, NDArray factor) {
        return of(factor, stack, "");
    }

    private FactorStep of(NDArray factor, int stack, String ending) {
        return new FactorStep(
                constants, factor, number(), learningRate, name -> kept(stack, name + ending));
    }
}
