package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;

/**
 * (x − mean) / sqrt(variance + ε) · weight + bias of each channel, with the mean and the variance
 * that were met in the pre-training (Ioffe and Szegedy, arXiv 1502.03167). They stay as they are,
 * also in training: an adapter is trained on a network that computes the same for one picture
 * whatever else is in its batch.
 */
public final class BatchNormLayer extends ModuleBlock {

    private static final float EPSILON = 1e-5f;

    private final Slot weight;
    private final Slot bias;
    private final Slot mean;
    private final Slot variance;

    public BatchNormLayer(long channels) {
        var shape = new Shape(channels);
        weight = array("weight", shape, 1);
        bias = array("bias", shape, 0);
        mean = array("running_mean", shape, 0);
        variance = array("running_var", shape, 1);
    }

    /** (n, height, width, channels) to the same shape. */
    public NDArray forward(NDArray x) {
        try (var first = x.transpose(0, 3, 1, 2);
                var normal =
                        BatchNorm.batchNorm(
                                        first,
                                        mean.array(),
                                        variance.array(),
                                        weight.array(),
                                        bias.array(),
                                        1,
                                        0.9f,
                                        EPSILON,
                                        false)
                                .singletonOrThrow()) {
            return normal.transpose(0, 2, 3, 1);
        }
    }
}
