package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import org.lowrank.adapter.AdaptableLinear;

/**
 * One layer of BERT, normalised after each sum: a = norm(x + dense(attention(x))), then norm(a +
 * down(gelu(up(a)))), with the exact GELU x Φ(x).
 */
final class BertLayer extends ModuleBlock {

    private final SelfAttention attention;
    private final AdaptableLinear dense;
    private final NormLayer attentionNorm;
    private final AdaptableLinear up;
    private final AdaptableLinear down;
    private final NormLayer outputNorm;
    private final Regularizer dropout;

    BertLayer(BertConfig config) {
        int hidden = config.hidden();
        int wide = config.intermediate();
        attention = part("attention.self", new SelfAttention(config));
        dense = part("attention.output.dense", new AdaptableLinear(hidden, hidden, true));
        attentionNorm = part("attention.output.LayerNorm", norm(hidden));
        up = part("intermediate.dense", new AdaptableLinear(hidden, wide, true));
        down = part("output.dense", new AdaptableLinear(wide, hidden, true));
        outputNorm = part("output.LayerNorm", norm(hidden));
        dropout = new Regularizer(config.dropout());
    }

    private static NormLayer norm(int width) {
        return new NormLayer(width, BertConfig.LAYER_NORM_EPSILON);
    }

    /**
     * @param x (batch · length, hidden)
     * @param maskBias as in {@link SelfAttention}
     * @return (batch · length, hidden), attached to the manager of x; what lies between is freed
     *     here as far as the backward pass does not need it
     */
    NDArray forward(NDArray x, NDArray maskBias, boolean training) {
        try (var scope = NDManager.subManagerOf(x)) {
            x.tempAttach(scope);
            var mixed = dense.forward(attention.forward(x, maskBias, training), training);
            var attended = attentionNorm.forward(dropout.apply(mixed, training).add(x));
            var wide = Activation.gelu(up.forward(attended, training));
            var narrow = dropout.apply(down.forward(wide, training), training);
            return scope.ret(outputNorm.forward(narrow.add(attended)));
        }
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.get(0), inputs.get(1), training);
    }
}
