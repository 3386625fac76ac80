package org.lowrank.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.NormLayer;

/**
 * GPT-2 (Radford et al., 2019): learned positions, one map for Q, K and V, a tied head. Its files
 * have linear maps as (in, out).
 */
public final class Gpt2Family implements ModelFamily {

    private static final DecoderLayer.Names NAMES =
            new DecoderLayer.Names(
                    "ln_1",
                    "attn",
                    new Attention.Names("c_attn", "c_attn", "c_attn", "c_proj"),
                    "ln_2",
                    "mlp",
                    new FeedForward.Names(null, "c_fc", "c_proj"));

    private static final Pattern BARE = Pattern.compile("(h\\.\\d+|wte|wpe|ln_f)\\..+");
    private static final Pattern BUFFER = Pattern.compile(".*\\.attn\\.(bias|masked_bias)");
    private static final Pattern CONV1D = Pattern.compile(".*\\.c_(attn|proj|fc)\\.weight");

    @Override
    public List<String> types() {
        return List.of("gpt2");
    }

    @Override
    public List<Class<? extends Network>> capabilities() {
        return List.of(CausalModel.class);
    }

    @Override
    public Network build(Wanted wanted) throws IOException {
        var config = wanted.config();
        var form = form(config, wanted.options().dropout());
        config.refuseOthers();
        return new Decoder(
                form, !form.tied() || wanted.inFile().contains(Decoder.HEAD), wanted.parent());
    }

    private static Decoder.Form form(ConfigKeys config, double dropout) throws IOException {
        config.pass("attn_pdrop", "embd_pdrop", "resid_pdrop", "n_ctx", "summary_type");
        config.pass("summary_activation", "summary_first_dropout", "summary_proj_to_labels");
        config.pass("summary_use_proj", "model_type", "reorder_and_upcast_attn"); // float32 anyway
        int width = config.positive("n_embd", 768);
        int heads = config.positive("n_head", 12);
        if (width % heads != 0) {
            throw config.refusal("n_embd", width + " is not divisible by n_head " + heads);
        }
        int positions = config.positive("n_positions", 1024);
        double epsilon = config.number("layer_norm_epsilon", 1e-5, "above 0", v -> v > 0);
        var key = "activation_function";
        var f = config.nonlinearity(key, config.text(key, "gelu_new"));
        var norm = new NormLayer.Form(NormLayer.Kind.LAYER, epsilon);
        var inner = new FeedForward.Form(width, config.positive("n_inner", 4 * width), true, f);
        boolean scaled = config.flag("scale_attn_weights", true);
        boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
        var layers = new ArrayList<DecoderLayer.Form>();
        for (int i = 0; i < config.positive("n_layer", 12); i++) {
            int d = width / heads;
            double scale = (scaled ? 1 / Math.sqrt(d) : 1) / (byLayer ? i + 1 : 1);
            var attention =
                    new Attention.Form(width, heads, heads, d, true, true, scale, null, dropout);
            layers.add(new DecoderLayer.Form(NAMES, attention, inner, norm, 0, dropout));
        }
        return new Decoder.Form(
                config.positive("vocab_size"),
                positions,
                width,
                "transformer.wte",
                "transformer.wpe",
                null,
                1,
                dropout,
                "transformer.h.%d",
                layers,
                "transformer.ln_f",
                config.flag("tie_word_embeddings", true));
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        if (BUFFER.matcher(nameInFile).matches()) {
            return Optional.empty();
        }
        boolean bare = BARE.matcher(nameInFile).matches();
        var place = Place.of(bare ? "transformer." + nameInFile : nameInFile);
        return Optional.of(place.turned(CONV1D.matcher(nameInFile).matches()));
    }

    @Override
    public String origin(String parameter) {
        if (parameter.contains("wte") || parameter.startsWith("lm_head")) {
            return "vocab_size, n_embd, tie_word_embeddings";
        } else if (parameter.contains("wpe")) {
            return "n_positions, n_embd";
        } else if (parameter.contains("mlp")) {
            return "n_inner, n_embd";
        }
        return "n_embd";
    }
}
