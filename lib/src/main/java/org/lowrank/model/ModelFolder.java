package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.Network;
import org.lowrank.text.TokenizerFiles;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/**
 * Writes a network as a folder that Hugging Face's libraries open: weights in float32, the
 * configuration, and the tokenizer's files.
 */
public final class ModelFolder {

    private static final long LARGEST_FILE = 5_000_000_000L;

    /** What stands beside the weights in a folder and is copied as it is. */
    private static final List<String> BESIDE =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "tokenizer.model",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "chat_template.jinja",
                    "generation_config.json",
                    "preprocessor_config.json",
                    "vocab.json",
                    "merges.txt");

    private ModelFolder() {}

    /**
     * Writes the values that a network has now. The weights come last, so that a folder is whole or
     * not to be opened.
     *
     * @param opened what the network was loaded from
     * @throws IOException if the folder cannot be written, or holds other weights already
     * @throws IllegalStateException if the network is held in few bits
     */
    public static void write(PretrainedModel opened, Network network, Path folder)
            throws IOException {
        network.requirePlain("written");
        Files.createDirectories(folder);
        var config = (ObjectNode) opened.config().deepCopy();
        config.remove(List.of("dtype", "torch_dtype", "quantization_config"));
        config.put("torch_dtype", "float32");
        if (network instanceof Decoder decoder) { // a head that was trained is one of its own
            config.put("tie_word_embeddings", decoder.isTied());
        }
        text(folder.resolve("config.json"), Json.pretty(config));
        var weights = opened.weights();
        if (weights.metadata().containsKey(GgufModel.ARCHITECTURE)) {
            TokenizerFiles.write(weights.file().toString(), weights.metadata(), folder);
        } else {
            copyBeside(Path.of(opened.source()), folder);
        }
        var tensors = new LinkedHashMap<String, TensorData>();
        try (var scratch = network.manager().newSubManager()) {
            network.parameters()
                    .forEach(
                            (name, array) -> {
                                boolean turned =
                                        opened.place(name).map(Place::transposed).orElse(false);
                                if (turned) {
                                    var inFile = array.transpose();
                                    inFile.attach(scratch);
                                    tensors.put(name, TensorData.of(inFile));
                                } else {
                                    tensors.put(name, TensorData.of(array));
                                }
                            });
            SafetensorsWriter.writeModel(folder, tensors, LARGEST_FILE);
        }
    }

    /**
     * Writes a network that was loaded from nowhere.
     *
     * @param config its {@code config.json}
     * @param beside what else the folder holds, by the name of its file, as JSON
     */
    public static void write(Path folder, JsonNode config, Map<String, ?> beside, Network network)
            throws IOException {
        Files.createDirectories(folder);
        text(folder.resolve("config.json"), Json.pretty(config));
        for (var file : beside.entrySet()) {
            text(folder.resolve(file.getKey()), Json.pretty(file.getValue()));
        }
        var tensors = new LinkedHashMap<String, TensorData>();
        network.parameters().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
        SafetensorsWriter.writeModel(folder, tensors, LARGEST_FILE);
    }

    private static void copyBeside(Path from, Path to) throws IOException {
        for (var name : BESIDE) {
            var file = from.resolve(name);
            if (Files.isRegularFile(file)) {
                AtomicFile.write(to.resolve(name), out -> Files.copy(file, out));
            }
        }
    }

    private static void text(Path file, String content) throws IOException {
        AtomicFile.write(file, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }
}
