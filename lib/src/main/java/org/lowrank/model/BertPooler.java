package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import org.lowrank.adapter.AdaptableLinear;

/**
 * What BERT was pre-trained with on top of [CLS], and what its fine-tuning builds on: tanh(x Wᵀ +
 * b) (Devlin et al., arXiv 1810.04805, released code).
 */
public final class BertPooler extends ModuleBlock {

    private final AdaptableLinear dense;

    BertPooler(BertConfig config) {
        dense = part("pooler.dense", new AdaptableLinear(config.hidden(), config.hidden(), true));
    }

    /** Vectors of [CLS] (batch, hidden) to the same shape. */
    public NDArray forward(NDArray first, boolean training) {
        return Activation.tanh(dense.forward(first, training));
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.singletonOrThrow(), training);
    }
}
