package org.lowrank.model;

/**
 * The sizes of a BERT encoder (Devlin et al., arXiv 1810.04805, section 3).
 *
 * @param vocabulary number of word pieces
 * @param positions the longest input, in tokens
 * @param types number of segment types
 * @param hidden width of a token's vector
 * @param intermediate width inside the feed-forward map
 * @param heads attention heads; they divide {@code hidden}
 * @param layers number of layers
 * @param dropout probability of dropout after embeddings, attention and feed-forward, and on the
 *     attention weights, in training only; 0 for none
 */
public record BertConfig(
        int vocabulary,
        int positions,
        int types,
        int hidden,
        int intermediate,
        int heads,
        int layers,
        double dropout) {

    /** The epsilon of every layer normalisation of BERT. */
    public static final double LAYER_NORM_EPSILON = 1e-12;

    public BertConfig {
        requirePositive("vocabulary", vocabulary);
        requirePositive("positions", positions);
        requirePositive("types", types);
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

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, but it is " + value);
        }
    }

    /** Width 384, 12 heads, the vocabulary of bert-base-uncased: the small sentence encoders. */
    public static BertConfig small(int layers) {
        return new BertConfig(30522, 512, 2, 384, 1536, 12, layers, 0);
    }

    /** bert-base-uncased: 12 layers of width 768, 12 heads. */
    public static BertConfig base() {
        return new BertConfig(30522, 512, 2, 768, 3072, 12, 12, 0);
    }

    /** The same sizes with another dropout. */
    public BertConfig withDropout(double newDropout) {
        return new BertConfig(
                vocabulary, positions, types, hidden, intermediate, heads, layers, newDropout);
    }
}
