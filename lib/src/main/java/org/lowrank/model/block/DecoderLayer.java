package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * One layer of a decoder, normalised before each part: x + attention(norm(x)), then x + down(f(up
 * norm(x))).
 */
public final class DecoderLayer extends ModuleBlock {

    /** What a model calls the parts. */
    public record Names(
            String attentionNorm,
            String attention,
            Attention.Names inAttention,
            String feedForwardNorm,
            String feedForward,
            FeedForward.Names inFeedForward) {}

    /**
     * @param window how many tokens each one sees, itself among them; 0 for all
     * @param dropout after attention and feed-forward, in training
     */
    public record Form(
            Names names,
            Attention.Form attention,
            FeedForward.Form feedForward,
            NormLayer.Form norm,
            int window,
            double dropout) {}

    private final NormLayer attentionNorm;
    private final Attention attention;
    private final NormLayer feedForwardNorm;
    private final FeedForward feedForward;
    private final Regularizer dropout;

    public DecoderLayer(Form form) {
        var names = form.names();
        int width = form.attention().width();
        attentionNorm = part(names.attentionNorm(), new NormLayer(width, form.norm()));
        attention = part(names.attention(), new Attention(form.attention(), names.inAttention()));
        feedForwardNorm = part(names.feedForwardNorm(), new NormLayer(width, form.norm()));
        feedForward =
                part(
                        names.feedForward(),
                        new FeedForward(form.feedForward(), names.inFeedForward()));
        dropout = new Regularizer(form.dropout());
    }

    /**
     * @param x (batch · length, width)
     * @return of the same shape, attached to the manager of x; what lies between is freed here as
     *     far as the backward pass does not need it
     */
    public NDArray forward(NDArray x, Attention.Context at, boolean training) {
        try (var scope = NDManager.subManagerOf(x)) {
            x.tempAttach(scope);
            var mixed = attention.forward(attentionNorm.forward(x), at, training);
            var attended = x.add(dropout.apply(mixed, training));
            var narrow = feedForward.forward(feedForwardNorm.forward(attended), training);
            return scope.ret(attended.add(dropout.apply(narrow, training)));
        }
    }
}
