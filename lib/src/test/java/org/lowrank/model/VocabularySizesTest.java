package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.model.Cases.compare;
import static org.lowrank.model.Cases.expected;
import static org.lowrank.model.Cases.folder;
import static org.lowrank.model.Cases.inFolder;
import static org.lowrank.model.Cases.load;
import static org.lowrank.model.Cases.logits;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;
import org.lowrank.weights.TensorSources;

/** Tables of words that are longer or shorter than the tokenizer, or than those of an adapter. */
class VocabularySizesTest {

    @Test
    void anAdapterOfMoreRowsActsOnABaseThatWasResized(@TempDir Path temporary) throws IOException {
        var folder = folder("25-vocabulary-sizes");
        var expected = expected(folder).at("/adapter_of_23_rows/after_resizing_the_base_to_23");
        var file = folder.resolve("short/config.json");
        var config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        try (var manager = NDManager.newBaseManager();
                var opened = inFolder(folder, "short")) {
            var tensors = new LinkedHashMap<String, TensorData>();
            for (var name : opened.weights().names()) {
                var shape = new Shape(opened.weights().info(name).dimensions());
                var values = manager.create(opened.weights().floats(name), shape);
                boolean isTable = shape.get(0) == 22;
                var row = new Shape(1, isTable ? shape.get(1) : 1);
                tensors.put(
                        name,
                        TensorData.of(isTable ? values.concat(manager.zeros(row), 0) : values));
            }
            SafetensorsWriter.writeModel(temporary, tensors, Long.MAX_VALUE);
            var weights = TensorSources.open(temporary);
            try (var resized = PretrainedModel.of(file, config.put("vocab_size", 23), weights)) {
                var model = load(resized, manager);
                PeftAdapter.load(folder.resolve("adapter_of_23_rows"), model);
                compare(
                        logits(model, expected.get("ids")),
                        expected.get("logits_last_position"),
                        1e-5);
            }
        }
    }

    @Test
    void rowsBeyondTheTokenizerAreGeneratedToo() throws IOException {
        var folder = folder("25-vocabulary-sizes");
        var expected = expected(folder).get("padded");
        try (var manager = NDManager.newBaseManager();
                var opened = inFolder(folder, "padded");
                var tokenizer = opened.tokenizer()) {
            var model = load(opened, manager);
            assertEquals(26, model.vocabulary());
            var prompt = List.of(new int[] {1, 5, 9});
            var seen = new Generator(model, Set.of()).write(prompt, Generation.greedy(10)).ids(0);
            assertEquals(
                    expected.get("greedy_10").toString(), Arrays.toString(seen).replace(" ", ""));
            assertEquals(expected.get("decoded_new").asText(), tokenizer.decode(seen));
        }
    }

    @Test
    void anIdBeyondTheTableIsRefusedByItsToken() throws IOException {
        var folder = folder("25-vocabulary-sizes");
        try (var opened = inFolder(folder, "short")) {
            var error = assertThrows(IOException.class, opened::tokenizer);
            for (var word : List.of("<think>", "22", "model.embed_tokens", "22 rows")) {
                assertTrue(error.getMessage().contains(word), error.getMessage());
            }
        }
    }

    @Test
    void anAdapterOfMoreRowsIsRefusedWithBothSizes() throws IOException {
        var folder = folder("25-vocabulary-sizes");
        try (var manager = NDManager.newBaseManager();
                var opened = inFolder(folder, "short")) {
            var model = load(opened, manager);
            var error =
                    assertThrows(
                            IOException.class,
                            () -> PeftAdapter.load(folder.resolve("adapter_of_23_rows"), model));
            for (var word : List.of("[22, 8]", "[23, 8]", "resize_token_embeddings(23)")) {
                assertTrue(error.getMessage().contains(word), error.getMessage());
            }
        }
    }
}
