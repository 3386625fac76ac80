package org.lowrank.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.model.block.Attention;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.DecoderLayer;
import org.lowrank.model.block.FeedForward;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.NormLayer;

/**
 * Llama 2, 3 and 3.1 (Touvron et al., arXiv 2307.09288; 2407.21783), Mistral (2310.06825), Qwen 2,
 * 2.5 and 3 (2407.10671, 2505.09388), Gemma (2403.08295).
 */
public final class LlamaFamily implements ModelFamily {

    private static final DecoderLayer.Names NAMES =
            new DecoderLayer.Names(
                    "input_layernorm",
                    "self_attn",
                    new Attention.Names("q_proj", "k_proj", "v_proj", "o_proj", "q_norm", "k_norm"),
                    "post_attention_layernorm",
                    "mlp",
                    new FeedForward.Names("gate_proj", "up_proj", "down_proj"));

    private static final Pattern BARE = Pattern.compile("(layers\\.\\d+|embed_tokens|norm)\\..+");
    private static final Pattern BUFFER = Pattern.compile(".*(rotary_emb\\.|masked_bias).*");

    /** What sets a member apart. */
    private record Kind(
            String f,
            int headWidth,
            boolean queryBias,
            boolean outputBias,
            boolean biasKey,
            boolean headNorm,
            double epsilon) {}

    private static final Map<String, Kind> KINDS =
            Map.of(
                    "llama", new Kind("silu", 0, false, false, true, false, 1e-6),
                    "mistral", new Kind("silu", 0, false, false, false, false, 1e-6),
                    "qwen2", new Kind("silu", 0, true, false, false, false, 1e-6),
                    "qwen3", new Kind("silu", 128, false, false, true, true, 1e-6),
                    "gemma", new Kind("gelu_pytorch_tanh", 256, false, false, true, false, 1e-6));

    @Override
    public List<String> types() {
        return List.copyOf(KINDS.keySet());
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

    static Decoder.Form form(ConfigKeys config, double dropout) throws IOException {
        var type = config.text("model_type", "llama");
        var kind = KINDS.get(type);
        boolean gemma = type.equals("gemma");
        config.pass("attention_dropout");
        int width = config.positive("hidden_size");
        int positions = config.positive("max_position_embeddings", 2048);
        var attention = attention(config, kind, width, dropout);
        var norm =
                new NormLayer.Form(
                        gemma ? NormLayer.Kind.RMS_PLUS_ONE : NormLayer.Kind.RMS,
                        epsilon(config, kind));
        var inner =
                new FeedForward.Form(
                        width,
                        config.positive("intermediate_size"),
                        type.equals("llama") && config.flag("mlp_bias", false),
                        f(config, kind, gemma));
        var layers = new ArrayList<DecoderLayer.Form>();
        for (int window : windows(config, type, config.positive("num_hidden_layers"))) {
            layers.add(new DecoderLayer.Form(NAMES, attention, inner, norm, window, 0));
        }
        return new Decoder.Form(
                config.positive("vocab_size"),
                positions,
                width,
                "model.embed_tokens",
                null,
                RotaryKeys.read(config, positions, attention.headWidth()),
                gemma ? Math.sqrt(width) : 1,
                0,
                "model.layers.%d",
                layers,
                "model.norm",
                config.flag("tie_word_embeddings", gemma));
    }

    private static double epsilon(ConfigKeys config, Kind kind) throws IOException {
        return config.number("rms_norm_eps", kind.epsilon(), "above 0", v -> v > 0);
    }

    private static Attention.Form attention(ConfigKeys config, Kind kind, int width, double dropout)
            throws IOException {
        int heads = config.positive("num_attention_heads");
        int keyHeads = config.positive("num_key_value_heads", heads);
        if (heads % keyHeads != 0) {
            throw config.refusal(
                    "num_attention_heads",
                    heads + " is not divisible by num_key_value_heads " + keyHeads);
        }
        if (!config.has("head_dim") && kind.headWidth() == 0 && width % heads != 0) {
            throw config.refusal(
                    "hidden_size", width + " is not divisible by num_attention_heads " + heads);
        }
        int absent = kind.headWidth() == 0 ? width / heads : kind.headWidth();
        int headWidth = config.positive("head_dim", absent);
        boolean everywhere = kind.biasKey() && config.flag("attention_bias", false);
        return new Attention.Form(
                width,
                heads,
                keyHeads,
                headWidth,
                kind.queryBias() || everywhere,
                kind.outputBias() || everywhere,
                1 / Math.sqrt(headWidth),
                kind.headNorm()
                        ? new NormLayer.Form(NormLayer.Kind.RMS, epsilon(config, kind))
                        : null,
                dropout);
    }

    private static Nonlinearity f(ConfigKeys config, Kind kind, boolean gemma) throws IOException {
        var name = config.text("hidden_act", kind.f());
        if (gemma) { // its first configurations say "gelu" and mean its tanh form
            name = config.text("hidden_activation", name.equals("gelu") ? kind.f() : name);
        }
        return config.nonlinearity("hidden_act", name);
    }

    /**
     * How many tokens each layer sees, itself among them; 0 for all. {@code layer_types} wins; else
     * all layers of Mistral slide, and those of Qwen from {@code max_window_layers} on if the
     * switch is on.
     */
    private static List<Integer> windows(ConfigKeys config, String type, int layers)
            throws IOException {
        boolean qwen = type.startsWith("qwen");
        int window = 0;
        int from = 0;
        if (qwen || type.equals("mistral")) {
            boolean on = !qwen || config.flag("use_sliding_window", false);
            int size =
                    config.mentions("sliding_window") ? config.positive("sliding_window", 0) : 4096;
            window = on ? size : 0;
            var first = config.node("max_window_layers");
            from = qwen ? first.asInt(28) : 0;
        }
        var kinds = config.node("layer_types");
        var windows = new ArrayList<Integer>();
        for (int i = 0; i < layers; i++) {
            boolean slides = i >= from;
            if (!kinds.isMissingNode()) {
                slides = slides(config, kinds.path(i).asText(), kinds.size(), layers);
            }
            windows.add(slides ? window : 0);
        }
        return windows;
    }

    private static boolean slides(ConfigKeys config, String kind, int named, int layers)
            throws IOException {
        if (named != layers || !kind.matches("(full|sliding)_attention")) {
            throw config.refusal(
                    "layer_types",
                    "must name full_attention or sliding_attention for each of the %d layers of num_hidden_layers; it names %d, one of them \"%s\""
                            .formatted(layers, named, kind));
        }
        return kind.startsWith("sliding");
    }

    @Override
    public Optional<Place> place(String nameInFile) {
        if (BUFFER.matcher(nameInFile).matches()) {
            return Optional.empty();
        }
        boolean bare = BARE.matcher(nameInFile).matches();
        var place = Place.of(bare ? "model." + nameInFile : nameInFile);
        return Optional.of(nameInFile.startsWith("score.") ? place.asHead() : place);
    }

    @Override
    public String origin(String parameter) {
        if (parameter.endsWith("_proj.bias")) {
            return parameter.contains("mlp") ? "mlp_bias" : "attention_bias";
        } else if (parameter.contains("q_proj") || parameter.contains("o_proj")) {
            return "num_attention_heads, head_dim, hidden_size";
        } else if (parameter.contains("k_proj") || parameter.contains("v_proj")) {
            return "num_key_value_heads, head_dim, hidden_size";
        } else if (parameter.contains("q_norm") || parameter.contains("k_norm")) {
            return "head_dim, model_type";
        } else if (parameter.contains("mlp")) {
            return "intermediate_size, hidden_size";
        } else if (parameter.contains("embed_tokens") || parameter.startsWith("lm_head")) {
            return "vocab_size, hidden_size, tie_word_embeddings";
        }
        return "hidden_size";
    }
}
