package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.model.block.Decoder;

/**
 * A small Llama of random weights whose words are letters, as a Hugging Face folder: for trials
 * where no model is at hand. It knows nothing.
 */
public final class LetterModel {

    private static final String LETTERS =
            "\n !\"#$%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    + "abcdefghijklmnopqrstuvwxyz";
    private static final String END = "<end>";

    private LetterModel() {}

    /** Writes the folder; the weights are a function of the seed alone. */
    public static Path write(Path folder, long seed) throws IOException {
        var words = new LinkedHashMap<String, Integer>();
        words.put(END, 0);
        LETTERS.chars().forEach(c -> words.put(Character.toString(c), words.size()));
        var config = Json.mapper().createObjectNode();
        config.put("model_type", "llama").put("torch_dtype", "float32");
        config.put("hidden_size", 64).put("intermediate_size", 172).put("num_hidden_layers", 5);
        config.put("num_attention_heads", 8).put("num_key_value_heads", 4);
        config.put("vocab_size", words.size()).put("max_position_embeddings", 512);
        config.put("rms_norm_eps", 1e-5).put("tie_word_embeddings", true);
        config.put("eos_token_id", 0);
        var form = LlamaFamily.form(new ConfigKeys(folder.resolve("config.json"), config), 0);
        var beside = new LinkedHashMap<String, Object>();
        beside.put("tokenizer.json", tokenizer(words));
        beside.put("tokenizer_config.json", Map.of("eos_token", END));
        try (var manager = NDManager.newBaseManager();
                var network = Decoder.random(form, seed, manager)) {
            ModelFolder.write(folder, config, beside, network);
        }
        return folder;
    }

    private static Map<String, Object> tokenizer(Map<String, Integer> words) {
        var end = new LinkedHashMap<String, Object>(Map.of("id", 0, "content", END));
        end.put("special", true);
        List.of("single_word", "lstrip", "rstrip", "normalized").forEach(n -> end.put(n, false));
        return Map.of(
                "version",
                "1.0",
                "added_tokens",
                List.of(end),
                "pre_tokenizer",
                Map.of(
                        "type",
                        "Split",
                        "pattern",
                        Map.of("Regex", "[\\s\\S]"),
                        "behavior",
                        "Isolated",
                        "invert",
                        false),
                "decoder",
                Map.of("type", "Fuse"),
                "model",
                Map.of("type", "WordLevel", "vocab", words, "unk_token", END));
    }
}
