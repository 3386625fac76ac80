package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * What is minimised: a loss over batches that are named by epoch and index, so that any step can be
 * repeated.
 */
public interface Objective {

    /** The number of batches of one pass over the data. */
    int batchesPerEpoch();

    /**
     * The loss of one batch, recorded for differentiation.
     *
     * @param step owns every array of the step; arrays made from Java data must stay attached to it
     *     until the backward pass is done
     * @param epoch from 0; another epoch is another order
     * @param index from 0 to {@link #batchesPerEpoch()} - 1
     * @param weight what the mean loss of the batch is multiplied by (1 / accumulated batches)
     */
    BatchLoss loss(NDManager step, long epoch, int index, double weight);

    /**
     * @param loss a scalar, weighted
     * @param examples rows of the batch
     * @param tokens tokens of the batch without padding, 0 if the data has none
     */
    record BatchLoss(NDArray loss, int examples, long tokens) {}
}
