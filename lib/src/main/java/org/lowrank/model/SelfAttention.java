package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.GraphConstants;

/**
 * Multi-head self-attention (Vaswani et al., arXiv 1706.03762, section 3.2): softmax(Q Kᵀ / sqrt(d)
 * + bias) V in each head of width d = hidden / heads.
 */
final class SelfAttention extends ModuleBlock {

    private final AdaptableLinear query;
    private final AdaptableLinear key;
    private final AdaptableLinear value;
    private final Regularizer dropout;
    private final long heads;
    private final long headWidth;
    private NDArray scale;

    SelfAttention(BertConfig config) {
        query = part("query", new AdaptableLinear(config.hidden(), config.hidden(), true));
        key = part("key", new AdaptableLinear(config.hidden(), config.hidden(), true));
        value = part("value", new AdaptableLinear(config.hidden(), config.hidden(), true));
        dropout = new Regularizer(config.dropout());
        heads = config.heads();
        headWidth = config.hidden() / config.heads();
    }

    /**
     * @param x (batch, length, hidden)
     * @param maskBias (batch, 1, 1, length), added to the scores: 0 for a token, very negative for
     *     padding
     */
    NDArray forward(NDArray x, NDArray maskBias, boolean training) {
        var q = split(query.forward(x, training).mul(scale())).transpose(0, 2, 1, 3);
        var k = split(key.forward(x, training)).transpose(0, 2, 3, 1);
        var v = split(value.forward(x, training)).transpose(0, 2, 1, 3);
        var weights = q.matMul(k).add(maskBias).softmax(-1);
        var mixed = dropout.apply(weights, training).matMul(v);
        return mixed.transpose(0, 2, 1, 3).reshape(x.getShape());
    }

    /** (batch, length, hidden) to (batch, length, heads, headWidth). */
    private NDArray split(NDArray x) {
        var shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), heads, headWidth);
    }

    /** 1 / sqrt(d), which lives as long as the weights. */
    private NDArray scale() {
        if (scale == null) {
            scale =
                    GraphConstants.scalar(
                            query.manager(), 1 / Math.sqrt(headWidth), DataType.FLOAT32);
        }
        return scale;
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.get(0), inputs.get(1), training);
    }
}
