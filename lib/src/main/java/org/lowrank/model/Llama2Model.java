package org.lowrank.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lowrank.weights.TensorSource;

/**
 * A {@code .bin} of llama2.c in the words of Hugging Face: its numbers as a {@code config.json},
 * Meta's names of tensors as those of transformers. The rows of queries and keys are interleaved.
 */
record Llama2Model(ObjectNode config) implements ModelFiles.Dialect {

    /** The metadata key that tells such a file. */
    static final String SIZE = "dim";

    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d+)\\.(.+)\\.weight");

    private static final Map<String, String> PARTS =
            Map.ofEntries(
                    Map.entry("attention.wq", "self_attn.q_proj"),
                    Map.entry("attention.wk", "self_attn.k_proj"),
                    Map.entry("attention.wv", "self_attn.v_proj"),
                    Map.entry("attention.wo", "self_attn.o_proj"),
                    Map.entry("attention_norm", "input_layernorm"),
                    Map.entry("ffn_norm", "post_attention_layernorm"),
                    Map.entry("feed_forward.w1", "mlp.gate_proj"),
                    Map.entry("feed_forward.w3", "mlp.up_proj"),
                    Map.entry("feed_forward.w2", "mlp.down_proj"),
                    Map.entry("tok_embeddings.weight", "model.embed_tokens.weight"),
                    Map.entry("norm.weight", "model.norm.weight"),
                    Map.entry("output.weight", "lm_head.weight"));

    static Llama2Model of(TensorSource file) {
        var config = JsonNodeFactory.instance.objectNode();
        config.put("model_type", "llama");
        config.put("hidden_size", whole(file, SIZE));
        config.put("intermediate_size", whole(file, "hidden_dim"));
        config.put("num_hidden_layers", whole(file, "n_layers"));
        config.put("num_attention_heads", whole(file, "n_heads"));
        config.put("num_key_value_heads", whole(file, "n_kv_heads"));
        config.put("vocab_size", whole(file, "vocab_size"));
        config.put("max_position_embeddings", whole(file, "max_seq_len"));
        config.put("rms_norm_eps", 1e-5);
        config.put("tie_word_embeddings", !file.names().contains("output.weight"));
        return new Llama2Model(config);
    }

    private static int whole(TensorSource file, String key) {
        return ((Number) file.metadata().get(key)).intValue();
    }

    @Override
    public Optional<Place> place(ModelFamily family, String nameInFile) {
        var layer = LAYER.matcher(nameInFile);
        if (!layer.matches()) {
            return Optional.of(Place.of(PARTS.getOrDefault(nameInFile, nameInFile)));
        }
        var part = PARTS.getOrDefault(layer.group(2), layer.group(2));
        var place = Place.of("model.layers.%s.%s.weight".formatted(layer.group(1), part));
        return Optional.of(
                switch (layer.group(2)) {
                    case "attention.wq" -> place.inPairs(config.get("num_attention_heads").asInt());
                    case "attention.wk" -> place.inPairs(config.get("num_key_value_heads").asInt());
                    default -> place;
                });
    }
}
