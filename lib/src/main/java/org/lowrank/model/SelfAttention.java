package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.engine.GraphConstants;

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
     * @param x (batch · length, hidden): the linear maps work on plain matrices
     * @param maskBias (batch, 1, 1, length), added to the scores: 0 for a token, very negative for
     *     padding
     * @return (batch · length, hidden)
     */
    NDArray forward(NDArray x, NDArray maskBias, boolean training) {
        long batch = maskBias.getShape().get(0);
        long length = maskBias.getShape().get(3);
        var q = byHead(query.forward(x, training).mul(scale()), batch, length);
        var k = byHead(key.forward(x, training), batch, length);
        var v = byHead(value.forward(x, training), batch, length);
        var scores = q.batchMatMul(k.transpose(0, 2, 1)).reshape(batch, heads, length, length);
        var weights = dropout.apply(scores.add(maskBias).softmax(-1), training);
        var mixed = weights.reshape(batch * heads, length, length).batchMatMul(v);
        return mixed.reshape(batch, heads, length, headWidth)
                .transpose(0, 2, 1, 3)
                .reshape(x.getShape());
    }

    /** (batch · length, hidden) to (batch · heads, length, headWidth), one copy. */
    private NDArray byHead(NDArray x, long batch, long length) {
        return x.reshape(batch, length, heads, headWidth)
                .transpose(0, 2, 1, 3)
                .reshape(batch * heads, length, headWidth);
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
