package org.lowrank.task;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.T5;
import org.lowrank.model.T5Config;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** The folder of a T5 of two layers that knows nothing, with a real Unigram tokenizer. */
public final class TinyT5 {

    private static final T5Config SIZES = T5Config.ofSize(350, 32, 2, 4);

    private TinyT5() {}

    /** Writes it; the test is skipped where the tokenizer is not there. */
    public static void write(Path folder) throws IOException {
        var tokenizer = GoldenFiles.golden("hf").resolve("tokenizers").resolve("unigram_t5");
        Files.createDirectories(folder);
        for (var name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), folder.resolve(name));
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("architectures", List.of("T5ForConditionalGeneration"));
        config.put("model_type", "t5");
        config.put("is_encoder_decoder", true);
        config.put("vocab_size", SIZES.vocabulary());
        config.put("d_model", SIZES.width());
        config.put("d_kv", SIZES.headWidth());
        config.put("d_ff", SIZES.inner());
        config.put("num_layers", SIZES.encoderLayers());
        config.put("num_heads", SIZES.heads());
        config.put("decoder_start_token_id", 0);
        config.put("pad_token_id", 0);
        config.put("eos_token_id", 1);
        config.put("feed_forward_proj", "relu");
        Files.writeString(folder.resolve("config.json"), Json.pretty(config));
        try (var manager = NDManager.newBaseManager();
                var t5 = T5.random(SIZES, 7, manager)) {
            var weights = new LinkedHashMap<String, TensorData>();
            t5.parameters().forEach((name, array) -> weights.put(name, TensorData.of(array)));
            SafetensorsWriter.writeModel(folder, weights, Long.MAX_VALUE);
        }
    }
}
