package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What a layer kind adds to a training step. A loop that finds one at {@link AdapterSet#stepHook()}
 * calls, in every optimizer step t = 1, 2, ...:
 *
 * <ol>
 *   <li>{@code collector.backward(hook.penalty(step))} once, beside the backward passes of its
 *       batches (gradients add up, so accumulated batches do not multiply the penalty);
 *   <li>{@link #afterBackward} when all gradients of the step are there and nothing has moved;
 *   <li>{@link #afterStep} when the optimizers have moved everything, and before the gradients are
 *       zeroed.
 * </ol>
 */
public interface StepHook {

    /**
     * A scalar that is part of the objective but not of the reported loss, recorded for
     * differentiation.
     *
     * @param step owns the arrays of this step
     */
    NDArray penalty(NDManager step);

    /**
     * @param step t, from 1
     */
    void afterBackward(long step);

    /**
     * @param step t, from 1
     */
    void afterStep(long step);

    /** Writes the state that the next step depends on, so that a resumed run goes on bit-equal. */
    void save(DataOutput out) throws IOException;

    /** Reads what {@link #save} wrote. */
    void load(DataInput in) throws IOException;
}
