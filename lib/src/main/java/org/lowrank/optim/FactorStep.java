package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * One step of one factor, or of another array that is trained, as a {@link FactorStage} sees it.
 */
public final class FactorStep {

    private final StepConstants constants;
    private final NDArray factor;
    private final long number;
    private final double learningRate;
    private final Function<String, NDArray> kept;

    /**
     * @param factor null where the direction is not that of a factor
     * @param number what bias correction counts, from 1
     */
    FactorStep(
            StepConstants constants,
            NDArray factor,
            long number,
            double learningRate,
            Function<String, NDArray> kept) {
        this.constants = constants;
        this.factor = factor;
        this.number = number;
        this.learningRate = learningRate;
        this.kept = kept;
    }

    /** The factor as it stands before the step; not to be changed. */
    public NDArray factor() {
        return factor;
    }

    /** An array of {@link FactorStage#names}, to be changed in place. */
    public NDArray kept(String name) {
        return kept.apply(name);
    }

    /** The number of this step, from 1. */
    public long number() {
        return number;
    }

    public double learningRate() {
        return learningRate;
    }

    /**
     * A number as an array of the device, made once a step: an operation with a Java number costs
     * more than the operation itself where arrays are small.
     */
    public NDArray constant(double value) {
        return constants.of(value);
    }
}
