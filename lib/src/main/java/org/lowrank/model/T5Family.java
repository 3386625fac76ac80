package org.lowrank.model;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Nonlinearity;

/**
 * T5 (Raffel et al., arXiv 1910.10683), its version 1.1 and Flan-T5 (2210.11416). What version 1.1
 * changes stands in the configuration: gated feed-forward maps, a head of its own.
 */
public final class T5Family implements ModelFamily {

    /** The shared table again, and distances of the attention across, which nothing reads. */
    private static final Pattern BUFFER =
            Pattern.compile(
                    "(encoder|decoder)\\.embed_tokens\\.weight"
                            + "|decoder\\..*\\.EncDecAttention\\.relative_attention_bias\\.weight");

    @Override
    public List<String> types() {
        return List.of("t5");
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(EncoderDecoder.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        var sizes = sizes(config, wanted.options().dropout());
        config.refuseOthers();
        return new T5(
                sizes,
                !sizes.tied() || wanted.inFile().contains("lm_head.weight"),
                wanted.parent());
    }

    private static T5Config sizes(ConfigKeys config, double dropout) throws IOException {
        config.pass("dropout_rate", "classifier_dropout", "output_past");
        config.pass("n_positions"); // of its pre-training; there is no table of positions
        config.only("is_encoder_decoder", "true");
        config.only("is_decoder", "false"); // of the whole, not of its decoder
        int layers = config.positive("num_layers", 6);
        int buckets = config.positive("relative_attention_num_buckets", 32);
        int farthest = config.positive("relative_attention_max_distance", 128);
        if (buckets < 4) {
            throw config.refusal(
                    "relative_attention_num_buckets",
                    buckets + " is less than 4; a direction of the encoder has half of them");
        }
        if (farthest <= buckets / 2) {
            throw config.refusal(
                    "relative_attention_max_distance",
                    "%d is not beyond the %d distances that have a bucket of their own"
                            .formatted(farthest, buckets / 2));
        }
        boolean tied = config.flag("tie_word_embeddings", true);
        var projection = config.text("feed_forward_proj", "relu");
        return new T5Config(
                config.positive("vocab_size", 32128),
                config.positive("d_model", 512),
                config.positive("d_kv", 64),
                config.positive("d_ff", 2048),
                layers,
                config.positive("num_decoder_layers", layers),
                config.positive("num_heads", 8),
                buckets,
                farthest,
                config.number("layer_norm_epsilon", 1e-6, "above 0", v -> v > 0),
                f(config, projection),
                config.flag("is_gated_act", projection.startsWith("gated-")),
                config.flag("scale_decoder_outputs", tied),
                tied,
                startId(config),
                dropout);
    }

    /** {@code dense_act_fn}, else what follows "gated-" in the projection; its gelu is tanh's. */
    private static Nonlinearity f(ConfigKeys config, String projection) throws IOException {
        var named = projection.replaceFirst("^gated-", "");
        boolean first = projection.equals("gated-gelu");
        var name = config.text("dense_act_fn", first ? "gelu_new" : named);
        return config.nonlinearity(
                config.has("dense_act_fn") ? "dense_act_fn" : "feed_forward_proj", name);
    }

    /** T5 begins with its padding, id 0. */
    private static int startId(ConfigKeys config) throws IOException {
        var key = config.has("decoder_start_token_id") ? "decoder_start_token_id" : "pad_token_id";
        return (int) config.number(key, 0, "0 or more", id -> id >= 0 && id == Math.rint(id));
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        return BUFFER.matcher(nameInFile).matches()
                ? Optional.empty()
                : Optional.of(Place.of(nameInFile));
    }

    @Override
    public String origin(String parameter) {
        if (parameter.equals("shared.weight")) {
            return "vocab_size, d_model";
        } else if (parameter.startsWith("lm_head")) {
            return "vocab_size, d_model, tie_word_embeddings";
        } else if (parameter.contains("relative_attention_bias")) {
            return "relative_attention_num_buckets, num_heads";
        } else if (parameter.contains("Attention")) {
            return "num_heads, d_kv, d_model";
        } else if (parameter.contains("DenseReluDense")) {
            return "d_ff, d_model, feed_forward_proj";
        }
        return "d_model, num_layers, num_decoder_layers";
    }
}
