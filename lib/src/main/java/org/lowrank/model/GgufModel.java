package org.lowrank.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorSource;

/**
 * A GGUF file in the words of Hugging Face: its metadata as a {@code config.json}, its tensors by
 * the names of transformers. llama.cpp's converter interleaves the rows of queries and keys of the
 * architecture {@code llama} alone, and adds 1 to the norms of Gemma.
 */
final class GgufModel implements ModelFiles.Dialect {

    /** The metadata key that tells a GGUF file with a model. */
    static final String ARCHITECTURE = "general.architecture";

    private static final Set<String> ARCHITECTURES = Set.of("llama", "qwen2", "qwen3", "gemma");
    private static final String FREQUENCIES = "rope_freqs.weight";
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\.(\\w+)\\.(weight|bias)");

    private static final Map<String, String> PARTS =
            Map.ofEntries(
                    Map.entry("attn_q", "self_attn.q_proj"),
                    Map.entry("attn_k", "self_attn.k_proj"),
                    Map.entry("attn_v", "self_attn.v_proj"),
                    Map.entry("attn_output", "self_attn.o_proj"),
                    Map.entry("attn_q_norm", "self_attn.q_norm"),
                    Map.entry("attn_k_norm", "self_attn.k_norm"),
                    Map.entry("attn_norm", "input_layernorm"),
                    Map.entry("ffn_norm", "post_attention_layernorm"),
                    Map.entry("ffn_gate", "mlp.gate_proj"),
                    Map.entry("ffn_up", "mlp.up_proj"),
                    Map.entry("ffn_down", "mlp.down_proj"),
                    Map.entry("token_embd.weight", "model.embed_tokens.weight"),
                    Map.entry("output_norm.weight", "model.norm.weight"),
                    Map.entry("output.weight", "lm_head.weight"));

    private final TensorSource file;
    private final String architecture;
    private final Set<String> read = new HashSet<>();
    private final ObjectNode config = JsonNodeFactory.instance.objectNode();

    GgufModel(TensorSource file) throws IOException {
        this.file = file;
        architecture = String.valueOf(file.metadata().get(ARCHITECTURE));
        if (!ARCHITECTURES.contains(architecture)) {
            throw refusal(
                    ARCHITECTURE,
                    "\"%s\" is not built; known are %s"
                            .formatted(architecture, new TreeSet<>(ARCHITECTURES)));
        }
        readSizes();
        readRotary();
        refuseOthers();
    }

    private void readSizes() throws IOException {
        config.put("model_type", architecture);
        config.put("vocab_size", Math.toIntExact(file.info("token_embd.weight").shape().get(0)));
        config.put("max_position_embeddings", whole("context_length"));
        config.put("hidden_size", whole("embedding_length"));
        config.put("num_hidden_layers", whole("block_count"));
        config.put("intermediate_size", whole("feed_forward_length"));
        int heads = whole("attention.head_count");
        config.put("num_attention_heads", heads);
        config.put(
                "num_key_value_heads",
                has("attention.head_count_kv") ? whole("attention.head_count_kv") : heads);
        config.put("rms_norm_eps", number("attention.layer_norm_rms_epsilon"));
        int width =
                has("attention.key_length")
                        ? whole("attention.key_length")
                        : whole("embedding_length") / heads;
        config.put("head_dim", width);
        only("attention.value_length", width);
        only("rope.dimension_count", width);
        only("expert_count", 0);
        only("expert_used_count", 0);
        read.add("vocab_size"); // the table's rows count
        config.put("tie_word_embeddings", !file.names().contains("output.weight"));
        boolean bias = file.names().contains("blk.0.attn_q.bias");
        if (!architecture.equals("qwen2") && bias) {
            config.put("attention_bias", true);
        }
        if (file.names().contains("blk.0.ffn_gate.bias")) {
            config.put("mlp_bias", true);
        }
    }

    private void readRotary() throws IOException {
        config.put("rope_theta", has("rope.freq_base") ? number("rope.freq_base") : 10000);
        var scaling = config.objectNode();
        var type = String.valueOf(value("rope.scaling.type", "none"));
        if (!type.equals("none")) {
            scaling.put("rope_type", type);
            scaling.put("factor", number("rope.scaling.factor"));
            if (has("rope.scaling.original_context_length")) {
                scaling.put(
                        "original_max_position_embeddings",
                        whole("rope.scaling.original_context_length"));
            }
            if (has("rope.scaling.attn_factor")) {
                scaling.put("attention_factor", number("rope.scaling.attn_factor"));
            }
        } else if (has("rope.scale_linear")) {
            scaling.put("rope_type", "linear").put("factor", number("rope.scale_linear"));
        } else if (file.names().contains(FREQUENCIES)) {
            // what Llama 3.1's scaling comes to: one factor a frequency
            var factors = scaling.arrayNode();
            for (float factor : file.floats(FREQUENCIES)) {
                factors.add(factor);
            }
            scaling.put("rope_type", "longrope").put("attention_factor", 1.0);
            scaling.put("factor", 1.0);
            scaling.set("short_factor", factors);
            scaling.set("long_factor", factors);
        }
        if (!scaling.isEmpty()) {
            config.set("rope_scaling", scaling);
        }
    }

    private boolean has(String key) {
        return file.metadata().containsKey(architecture + "." + key);
    }

    private Object value(String key, Object absent) {
        read.add(key);
        return file.metadata().getOrDefault(architecture + "." + key, absent);
    }

    private double number(String key) throws MalformedFileException {
        var value = value(key, null);
        if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            return number.doubleValue();
        }
        throw refusal(architecture + "." + key, "should be a number, but is " + value);
    }

    private int whole(String key) throws MalformedFileException {
        double value = number(key);
        if (value != Math.rint(value) || value < 0 || value > Integer.MAX_VALUE) {
            throw refusal(architecture + "." + key, "should be a count, but is " + value);
        }
        return (int) value;
    }

    private void only(String key, int expected) throws MalformedFileException {
        if (has(key) && whole(key) != expected) {
            throw refusal(
                    architecture + "." + key,
                    "is %d, which is not built here; %d is".formatted(whole(key), expected));
        }
    }

    private void refuseOthers() throws MalformedFileException {
        for (var key : file.metadata().keySet()) {
            if (key.startsWith(architecture + ".")
                    && !read.contains(key.substring(architecture.length() + 1))) {
                throw refusal(
                        key,
                        "is " + file.metadata().get(key) + ", a feature that is not built here");
            }
        }
    }

    /** The metadata as a {@code config.json} would have them. */
    ObjectNode config() {
        return config;
    }

    @Override
    public Optional<Place> place(ModelFamily family, String nameInFile) {
        if (nameInFile.equals(FREQUENCIES)) {
            return Optional.empty();
        }
        var layer = LAYER.matcher(nameInFile);
        if (!layer.matches()) {
            return Optional.of(norm(PARTS.getOrDefault(nameInFile, nameInFile)));
        }
        var part = PARTS.getOrDefault(layer.group(2), layer.group(2));
        var place = norm("model.layers.%s.%s.%s".formatted(layer.group(1), part, layer.group(3)));
        if (!architecture.equals("llama")) {
            return Optional.of(place);
        }
        return Optional.of(
                switch (layer.group(2)) {
                    case "attn_q" -> place.inPairs(config.get("num_attention_heads").intValue());
                    case "attn_k" -> place.inPairs(config.get("num_key_value_heads").intValue());
                    default -> place;
                });
    }

    private Place norm(String parameter) {
        var place = Place.of(parameter);
        return architecture.equals("gemma") && parameter.endsWith("norm.weight")
                ? place.withOneAdded()
                : place;
    }

    private MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file.file(), field, reason);
    }
}
