package org.lowrank.model;

import org.lowrank.model.block.Attention;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.NormLayer;
import org.lowrank.model.block.RelativePositions;

/**
 * The sizes of a T5 (Raffel et al., arXiv 1910.10683, section 2.1).
 *
 * @param vocabulary number of tokens
 * @param width of a token's vector
 * @param headWidth of a head; all heads together need not have the width of a token
 * @param inner width inside the feed-forward maps
 * @param buckets of distances
 * @param farthest the distance from which all are alike
 * @param epsilon of every normalisation
 * @param f within the feed-forward maps
 * @param gated whether these are gated (version 1.1)
 * @param scaled whether the decoder's states are divided by √width before the head
 * @param tied whether the head is the table of words, unless a file has another one
 * @param startId the id that stands before what is written
 * @param dropout wherever T5 has it, in training
 */
public record T5Config(
        int vocabulary,
        int width,
        int headWidth,
        int inner,
        int encoderLayers,
        int decoderLayers,
        int heads,
        int buckets,
        int farthest,
        double epsilon,
        Nonlinearity f,
        boolean gated,
        boolean scaled,
        boolean tied,
        int startId,
        double dropout) {

    /**
     * Version 1.0 with the proportions of t5-base: heads that share the width, 4 · width inside.
     */
    public static T5Config ofSize(int vocabulary, int width, int layers, int heads) {
        return new T5Config(
                vocabulary,
                width,
                width / heads,
                4 * width,
                layers,
                layers,
                heads,
                32,
                128,
                1e-6,
                Nonlinearity.RELU,
                false,
                true,
                true,
                0,
                0);
    }

    /**
     * σ of a weight at the start of pre-training (Mesh TensorFlow's): a map's results keep the size
     * of what it reads, and unscaled scores are of order 1.
     */
    double deviation(String name) {
        if (name.equals("shared.weight") || name.equals("lm_head.weight")) {
            return 1;
        } else if (name.endsWith(".q.weight")) {
            return 1 / Math.sqrt((double) width * headWidth);
        } else if (name.endsWith(".o.weight")) {
            return 1 / Math.sqrt((double) heads * headWidth);
        }
        return 1 / Math.sqrt(name.endsWith(".wo.weight") ? inner : width);
    }

    NormLayer.Form norm() {
        return new NormLayer.Form(NormLayer.Kind.RMS, epsilon);
    }

    Attention.Form attention() {
        return new Attention.Form(width, heads, heads, headWidth, false, false, 1, null, dropout);
    }

    FeedForward.Form feedForward() {
        return new FeedForward.Form(width, inner, false, f, dropout);
    }

    FeedForward.Names feedForwardNames() {
        return gated
                ? new FeedForward.Names("wi_0", "wi_1", "wo")
                : new FeedForward.Names(null, "wi", "wo");
    }

    RelativePositions.Form distances() {
        return new RelativePositions.Form(buckets, farthest, false);
    }

    RelativePositions.Form distancesBothWays() {
        return new RelativePositions.Form(buckets, farthest, true);
    }
}
