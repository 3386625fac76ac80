package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedSafetensorsTest {

    private static final String ONE = "model-00001-of-00002.safetensors";
    private static final String TWO = "model-00002-of-00002.safetensors";

    @TempDir Path folder;

    @BeforeEach
    void writeTwoFiles() throws IOException {
        SafetensorsWriter.write(
                folder.resolve(ONE), Map.of("a", TensorData.of(new float[] {1}, 1)));
        SafetensorsWriter.write(
                folder.resolve(TWO), Map.of("b", TensorData.of(new float[] {2, 3}, 2)));
    }

    @Test
    void readsEachTensorFromItsFile() throws IOException {
        index(
                "{\"metadata\":{\"total_size\":12},\"weight_map\":{\"a\":\"%s\",\"b\":\"%s\"}}",
                ONE, TWO);
        try (var model = TensorSources.open(folder)) {
            assertEquals(Set.of("a", "b"), model.names());
            assertArrayEquals(new float[] {1}, model.floats("a"));
            assertArrayEquals(new float[] {3}, model.floats("b", 1, 1));
            assertEquals(2, model.info("b").elements());
            assertEquals(Map.of("format", "pt"), model.metadata());
        }
    }

    @Test
    void readsAModelInOneFileToo() throws IOException {
        Files.move(folder.resolve(TWO), folder.resolve(ShardedSafetensors.SINGLE));
        try (var model = TensorSources.open(folder)) {
            assertEquals(Set.of("b"), model.names());
        }
    }

    @Test
    void refusesAnIndexThatPointsElsewhereOrPromisesTooMuch() throws IOException {
        refused("[]", "JSON: the whole must be an object, but it is a list");
        refused("{}", "weight_map: must be a JSON object");
        refused("{\"weight_map\":{\"a\":7}}", "weight_map.a: must be the name of a file");
        refused(
                "{\"weight_map\":{\"a\":\"../x.safetensors\"}}",
                "weight_map.a: '../x.safetensors' is not the plain name");
        refused("{\"weight_map\":{\"a\":\"no.safetensors\"}}", "no.safetensors is missing");
        refused("{\"weight_map\":{\"c\":\"%s\"}}".formatted(ONE), "holds no tensor of this name");
        refused("{\"weight_map\":{\"a\":\"x\",\"a\":\"x\"}}", "Duplicate field 'a'");
        refused("[".repeat(100_000), "JSON: ");
        SafetensorsWriter.write(
                folder.resolve(TWO),
                Map.of(
                        "a",
                        TensorData.of(new float[] {2}, 1),
                        "b",
                        TensorData.of(new float[] {2}, 1)));
        refused(
                "{\"weight_map\":{\"a\":\"%s\",\"b\":\"%s\"}}".formatted(ONE, TWO),
                "a: two files hold this tensor");
        refused("{\"weight_map\":{\"b\":\"%s\"}}".formatted(TWO), "but the index does not");
    }

    @Test
    void saysWhatAFolderLacks() {
        SafetensorsFileTest.assertMessage(
                "holds neither", () -> TensorSources.open(folder).close());
    }

    private void index(String text, Object... values) throws IOException {
        Files.writeString(folder.resolve(ShardedSafetensors.INDEX), text.formatted(values));
    }

    private void refused(String index, String message) throws IOException {
        Files.writeString(folder.resolve(ShardedSafetensors.INDEX), index);
        SafetensorsFileTest.assertMessage(message, () -> TensorSources.open(folder).close());
    }
}
