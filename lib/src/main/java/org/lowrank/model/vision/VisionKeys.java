package org.lowrank.model.vision;

import java.io.IOException;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.NormLayer;
import org.lowrank.weights.MalformedFileException;

/** What the configurations of transformers over pictures have in common. */
record VisionKeys(ConfigKeys config) {

    /** Numbers that a family has where its configuration is silent. */
    record Absent(int width, int layers, int heads, int inner, String f, double epsilon) {}

    /**
     * A layer.
     *
     * @param inner the width inside the feed-forward map
     * @param queryBias whether queries, keys and values have biases
     */
    DecoderLayer.Form layer(
            DecoderLayer.Names names, Absent absent, int inner, boolean queryBias, double dropout)
            throws IOException {
        int width = config.positive("hidden_size", absent.width());
        int heads = config.positive("num_attention_heads", absent.heads());
        if (width % heads != 0) {
            throw config.refusal(
                    "hidden_size", width + " is not divisible by num_attention_heads " + heads);
        }
        int d = width / heads;
        var f = config.nonlinearity("hidden_act", config.text("hidden_act", absent.f()));
        double epsilon = config.number("layer_norm_eps", absent.epsilon(), "above 0", v -> v > 0);
        return new DecoderLayer.Form(
                names,
                new Attention.Form(
                        width, heads, heads, d, queryBias, true, 1 / Math.sqrt(d), null, dropout),
                new FeedForward.Form(width, inner, true, f),
                new NormLayer.Form(NormLayer.Kind.LAYER, epsilon),
                0,
                dropout);
    }

    int layers(Absent absent) throws IOException {
        return config.positive("num_hidden_layers", absent.layers());
    }

    /** A side in pixels: a number, or a list of two equal ones. */
    int side(String key, int absent) throws MalformedFileException {
        var value = config.node(key);
        boolean square =
                value.isArray()
                        && value.size() == 2
                        && value.get(0).isInt()
                        && value.get(0).equals(value.get(1))
                        && value.get(0).intValue() > 0;
        if (value.isArray() && !square) {
            throw config.refusal(key, "is " + value + "; only squares are built, [n, n] or n");
        }
        return square ? value.get(0).intValue() : config.positive(key, absent);
    }

    /** The patches of a picture must lie in it. */
    void requirePatch(int image, int patch) throws MalformedFileException {
        if (patch > image) {
            throw config.refusal("patch_size", patch + " is larger than image_size " + image);
        }
    }

    /** How many classes the configuration names. */
    int labels() throws MalformedFileException {
        int named = config.node("id2label").size();
        return config.positive("num_labels", named == 0 ? 2 : named);
    }
}
