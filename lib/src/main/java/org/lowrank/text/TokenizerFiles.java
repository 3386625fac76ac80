package org.lowrank.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;

/** The tokenizer inside a GGUF file as the files of a Hugging Face folder. */
public final class TokenizerFiles {

    private TokenizerFiles() {}

    /**
     * Writes {@code tokenizer.json}, {@code tokenizer_config.json} with the special tokens and the
     * chat template, and {@code generation_config.json} with the ids that end a text.
     *
     * @param file what errors call it
     * @param metadata the GGUF file's own
     */
    public static void write(String file, Map<String, Object> metadata, Path folder)
            throws IOException {
        var description = new GgufTokenizer(file, metadata).read();
        text(folder.resolve("tokenizer.json"), description.json().toString());
        var config = new LinkedHashMap<String, Object>();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.putAll(description.special());
        if (description.chatTemplates().containsKey("default")) {
            config.put("chat_template", description.chatTemplates().get("default"));
        }
        text(folder.resolve("tokenizer_config.json"), Json.pretty(config));
        var generation = new LinkedHashMap<String, Object>();
        if (!description.stopIds().isEmpty()) {
            generation.put("eos_token_id", description.stopIds());
        }
        description.padId().ifPresent(id -> generation.put("pad_token_id", id));
        text(folder.resolve("generation_config.json"), Json.pretty(generation));
    }

    private static void text(Path file, String content) throws IOException {
        AtomicFile.write(file, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }
}
