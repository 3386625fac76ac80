package org.lowrank.model;

import org.lowrank.model.block.Attention;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.NormLayer;

/**
 * The sizes of a BERT encoder (Devlin et al., arXiv 1810.04805, section 3) and of its kin.
 *
 * @param vocabulary number of word pieces
 * @param positions the longest input, in tokens
 * @param types number of segment types; 0 if the model knows none
 * @param hidden width of a token's vector
 * @param intermediate width inside the feed-forward map
 * @param heads attention heads; they divide {@code hidden}
 * @param layers number of layers
 * @param dropout probability of dropout after embeddings, attention and feed-forward, and on the
 *     attention weights, in training only; 0 for none
 * @param variant what sets its kin apart
 */
public record BertConfig(
        int vocabulary,
        int positions,
        int types,
        int hidden,
        int intermediate,
        int heads,
        int layers,
        double dropout,
        Variant variant) {

    /**
     * @param epsilon of every normalisation
     * @param padding the id from which positions are counted: those before the first text token are
     *     {@code padding}, the first is {@code padding + 1}; −1 if positions are 0, 1, 2, ...
     * @param layer the path of layer {@code %d}
     */
    public record Variant(
            double epsilon,
            int padding,
            Nonlinearity f,
            String layer,
            Attention.Names attention,
            String attentionNorm,
            String feedForwardPath,
            FeedForward.Names feedForward,
            String outputNorm) {

        /** What transformers calls the body where a head stands beside it. */
        String body() {
            return layer.startsWith("transformer")
                    ? "distilbert"
                    : padding < 0 ? "bert" : "roberta";
        }

        /** BERT itself. */
        public static final Variant BERT = bert(1e-12, -1, Nonlinearity.GELU);

        static Variant bert(double epsilon, int padding, Nonlinearity f) {
            return new Variant(
                    epsilon,
                    padding,
                    f,
                    "encoder.layer.%d",
                    new Attention.Names("self.query", "self.key", "self.value", "output.dense"),
                    "attention.output.LayerNorm",
                    "",
                    new FeedForward.Names(null, "intermediate.dense", "output.dense"),
                    "output.LayerNorm");
        }

        static Variant distilBert(Nonlinearity f) {
            return new Variant(
                    1e-12,
                    -1,
                    f,
                    "transformer.layer.%d",
                    new Attention.Names("q_lin", "k_lin", "v_lin", "out_lin"),
                    "sa_layer_norm",
                    "ffn",
                    new FeedForward.Names(null, "lin1", "lin2"),
                    "output_layer_norm");
        }
    }

    public BertConfig {
        requirePositive("vocabulary", vocabulary);
        requirePositive("positions", positions);
        requirePositive("hidden", hidden);
        requirePositive("intermediate", intermediate);
        requirePositive("heads", heads);
        requirePositive("layers", layers);
        if (hidden % heads != 0) {
            throw new IllegalArgumentException(
                    heads + " heads do not divide the hidden width " + hidden);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is in [0, 1), but it is " + dropout);
        }
    }

    /** Those of BERT itself. */
    public BertConfig(
            int vocabulary,
            int positions,
            int types,
            int hidden,
            int intermediate,
            int heads,
            int layers,
            double dropout) {
        this(
                vocabulary,
                positions,
                types,
                hidden,
                intermediate,
                heads,
                layers,
                dropout,
                Variant.BERT);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, but it is " + value);
        }
    }

    NormLayer.Form norm() {
        return new NormLayer.Form(NormLayer.Kind.LAYER, variant.epsilon());
    }

    /** The same sizes with another dropout. */
    public BertConfig withDropout(double newDropout) {
        return new BertConfig(
                vocabulary,
                positions,
                types,
                hidden,
                intermediate,
                heads,
                layers,
                newDropout,
                variant);
    }
}
