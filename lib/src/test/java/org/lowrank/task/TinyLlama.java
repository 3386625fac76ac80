package org.lowrank.task;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** The folder of a Llama of two layers that knows nothing, with a real tokenizer. */
public final class TinyLlama {

    private static final int WIDTH = 32;
    private static final int INNER = 48;
    private static final int WORDS = 512;

    private TinyLlama() {}

    /** Writes it; the test is skipped where the tokenizer is not there. */
    public static void write(Path folder) throws IOException {
        var tokenizer = GoldenFiles.golden("hf").resolve("tokenizers").resolve("bpe_llama3");
        Files.createDirectories(folder);
        for (var name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), folder.resolve(name));
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("architectures", List.of("LlamaForCausalLM"));
        config.put("model_type", "llama");
        config.put("hidden_size", WIDTH);
        config.put("intermediate_size", INNER);
        config.put("num_hidden_layers", 2);
        config.put("num_attention_heads", 4);
        config.put("num_key_value_heads", 2);
        config.put("vocab_size", WORDS);
        config.put("max_position_embeddings", 128);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10000.0);
        config.put("hidden_act", "silu");
        config.put("tie_word_embeddings", false);
        config.put("torch_dtype", "float32");
        Files.writeString(folder.resolve("config.json"), Json.pretty(config));
        try (var manager = NDManager.newBaseManager()) {
            Engine.getInstance().setRandomSeed(7);
            var weights = new LinkedHashMap<String, TensorData>();
            weights.put("model.embed_tokens.weight", random(manager, WORDS, WIDTH));
            for (int layer = 0; layer < 2; layer++) {
                var at = "model.layers." + layer + ".";
                maps().forEach(
                                (name, shape) ->
                                        weights.put(
                                                at + name + ".weight",
                                                random(manager, shape[0], shape[1])));
                for (var norm : List.of("input_layernorm", "post_attention_layernorm")) {
                    weights.put(
                            at + norm + ".weight", TensorData.of(manager.ones(new Shape(WIDTH))));
                }
            }
            weights.put("model.norm.weight", TensorData.of(manager.ones(new Shape(WIDTH))));
            weights.put("lm_head.weight", random(manager, WORDS, WIDTH));
            SafetensorsWriter.writeModel(folder, weights, Long.MAX_VALUE);
        }
    }

    private static Map<String, int[]> maps() {
        return new TreeMap<>(
                Map.of(
                        "self_attn.q_proj", new int[] {WIDTH, WIDTH},
                        "self_attn.k_proj", new int[] {WIDTH / 2, WIDTH},
                        "self_attn.v_proj", new int[] {WIDTH / 2, WIDTH},
                        "self_attn.o_proj", new int[] {WIDTH, WIDTH},
                        "mlp.gate_proj", new int[] {INNER, WIDTH},
                        "mlp.up_proj", new int[] {INNER, WIDTH},
                        "mlp.down_proj", new int[] {WIDTH, INNER}));
    }

    private static TensorData random(NDManager manager, int rows, int columns) {
        return TensorData.of(manager.randomNormal(new Shape(rows, columns)).muli(0.3));
    }
}
