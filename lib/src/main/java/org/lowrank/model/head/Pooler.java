package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.ModuleBlock;

/**
 * What BERT was pre-trained with on top of [CLS], and what its fine-tuning builds on: tanh(x Wᵀ +
 * b) (Devlin et al., arXiv 1810.04805, released code). It is frozen as the encoder is.
 */
public final class Pooler extends ModuleBlock {

    private final AdaptableLinear dense;

    /**
     * @param width of a token's vector
     */
    public Pooler(long width) {
        dense = linear("pooler.dense", width, width, true);
    }

    /** Vectors of [CLS] (batch, width) to the same shape. */
    public NDArray forward(NDArray first, boolean training) {
        return Activation.tanh(dense.forward(first, training));
    }
}
