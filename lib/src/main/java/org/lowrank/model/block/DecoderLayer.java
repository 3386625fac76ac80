package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;

/**
 * One layer that is normalised before each part, as in decoders and in encoders of pictures: x +
 * attention(norm(x)), then x + down(f(up norm(x))).
 *
 * <p>What is written here is the form by autograd; {@link WholeLayer} takes its place where LoRA
 * alone is trained.
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
    private final WholeLayer whole;
    private Slot attentionScale;
    private Slot feedForwardScale;

    /** One whose parts are scaled by trained vectors (Touvron et al., arXiv 2103.17239). */
    DecoderLayer(Form form, List<String> scales) {
        this(form);
        var width = new Shape(form.attention().width());
        attentionScale = array(scales.get(0), width, 1);
        feedForwardScale = array(scales.get(1), width, 1);
    }

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
        whole =
                new WholeLayer(
                        WholeLayer.Norms.FIRST,
                        attentionNorm,
                        attention,
                        feedForwardNorm,
                        feedForward,
                        form.dropout() == 0);
    }

    /**
     * @param input (batch · length, width)
     * @return of the same shape, attached to the manager of the input; what lies between is freed
     *     here as far as the backward pass does not need it
     */
    public NDArray forward(NDArray input, Attention.Context at, boolean training) {
        var y = isWhole(training) ? whole.forward(input, at) : Optional.<NDArray>empty();
        if (y.isPresent()) {
            return y.get();
        }
        try (var scope = NDManager.subManagerOf(input)) {
            input.tempAttach(scope);
            var x = attention.apart(input);
            boolean writes = at.past() != null;
            var normal = writes ? attentionNorm.alone(x) : attentionNorm.forward(x);
            return scope.ret(after(x, attention.forward(normal, at, training), writes, training));
        }
    }

    /** The same of the first token of each sequence, (batch, width); positions are not rotated. */
    NDArray first(NDArray input, Attention.Context at, boolean training) {
        var y = isWhole(training) ? whole.first(input, at) : Optional.<NDArray>empty();
        if (y.isPresent()) {
            return y.get();
        }
        try (var scope = NDManager.subManagerOf(input)) {
            input.tempAttach(scope);
            var x = attention.apart(input);
            var mixed = attention.first(attentionNorm.forward(x), at, training);
            return scope.ret(after(Attention.firsts(x, at), mixed, false, training));
        }
    }

    private boolean isWhole(boolean training) {
        return training && attentionScale == null;
    }

    /** All that comes behind attention and knows nothing of other tokens. */
    private NDArray after(NDArray x, NDArray mixed, boolean writes, boolean training) {
        var sum = x.add(dropout.apply(scaled(mixed, attentionScale), training));
        var attended = feedForward.apart(sum);
        var again = writes ? feedForwardNorm.alone(attended) : feedForwardNorm.forward(attended);
        var narrow = feedForward.forward(again, training);
        return attended.add(dropout.apply(scaled(narrow, feedForwardScale), training));
    }

    private static NDArray scaled(NDArray x, Slot scale) {
        return scale == null ? x : x.mul(scale.array());
    }
}
