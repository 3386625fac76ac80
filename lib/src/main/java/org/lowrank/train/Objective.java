package org.lowrank.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * What is minimised: a loss over batches that are named by epoch and index, so that any step can be
 * repeated. Most are a {@link GraphObjective}.
 */
public interface Objective {

    /** The number of batches of one pass over the data. */
    int batchesPerEpoch();

    /**
     * Adds share · d(mean loss of the batch) to the gradients.
     *
     * @param step owns every array of the pass
     * @param epoch from 0; another epoch is another order
     * @param index from 0 to {@link #batchesPerEpoch()} - 1
     * @param share the batch's part in its step; those of a step sum to 1
     */
    BatchLoss backward(NDManager step, long epoch, int index, double share);

    /**
     * What a batch counts in the mean of its step, before it is read: 1 for all (each batch's mean
     * weighs as much), its rows, or its answer tokens (each token of the step weighs as much).
     */
    default double size(long epoch, int index) {
        return 1;
    }

    /**
     * The examples of a batch whose own loss is not finite, each by its place in the data; asked
     * for when the loss of a step is not.
     *
     * @return empty if the objective cannot tell them apart
     */
    default List<String> notFinite(NDManager step, long epoch, int index) {
        return List.of();
    }

    /**
     * @param loss a scalar, share · mean loss; it stays on the device until it is reported
     * @param rows rows of the batch
     * @param tokens tokens of the batch without padding, 0 if the data has none
     */
    record BatchLoss(NDArray loss, int rows, long tokens) {}
}
