package org.lowrank.train;

import ai.djl.ndarray.NDManager;
import org.lowrank.engine.Tape;

/** An objective whose gradient is one backward pass through the graph of its loss. */
public interface GraphObjective extends Objective {

    /**
     * The loss of one batch, recorded for differentiation.
     *
     * @param step owns every array of the step; arrays made from Java data must stay attached to it
     *     until the backward pass is done
     * @param share what the mean loss of the batch is multiplied by
     */
    BatchLoss loss(NDManager step, long epoch, int index, double share);

    @Override
    default BatchLoss backward(NDManager step, long epoch, int index, double share) {
        // The collector closes before the step's owner: its arrays must outlive the backward pass.
        try (var tape = Tape.recording()) {
            var batch = loss(step, epoch, index, share);
            tape.backward(batch.loss());
            return batch;
        }
    }
}
