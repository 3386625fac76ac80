package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** A file that is not exactly the network is refused, by the tensor and by what was expected. */
class WeightLoaderTest {

    private static final String CONFIG =
            """
            {"model_type": "bert", "vocab_size": 50, "max_position_embeddings": 16,
             "hidden_size": 8, "intermediate_size": 20, "num_attention_heads": 2,
             "num_hidden_layers": 1}""";
    private static final BertConfig SIZES = new BertConfig(50, 16, 2, 8, 20, 2, 1, 0);
    private static final String BIAS = "embeddings.LayerNorm.bias";

    @TempDir Path folder;

    private String refusal(Consumer<Map<String, float[]>> change) throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var values = new LinkedHashMap<String, float[]>();
            Bert.random(SIZES, 1, manager)
                    .parameters()
                    .forEach((name, array) -> values.put(name, array.toFloatArray()));
            var shapes = new LinkedHashMap<String, float[]>(values);
            change.accept(values);
            var tensors = new TreeMap<String, TensorData>();
            new Bert(SIZES, manager)
                    .slots()
                    .forEach(
                            (name, slot) -> {
                                if (values.containsKey(name)) {
                                    var data = values.remove(name);
                                    var same = data.length == shapes.get(name).length;
                                    var shape =
                                            same
                                                    ? slot.shape().getShape()
                                                    : new long[] {data.length};
                                    tensors.put(name, TensorData.of(data, shape));
                                }
                            });
            values.forEach((name, data) -> tensors.put(name, TensorData.of(data, data.length)));
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
            Files.writeString(folder.resolve("config.json"), CONFIG);
            int before = manager.getManagedArrays().size();
            try (var opened = PretrainedModel.open(folder)) {
                var message =
                        assertThrows(
                                        MalformedFileException.class,
                                        () ->
                                                opened.load(
                                                        TextEncoder.class,
                                                        LoadOptions.PLAIN,
                                                        manager))
                                .getMessage();
                assertEquals(before, manager.getManagedArrays().size());
                return message;
            }
        }
    }

    private static void assertSays(String message, String... parts) {
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @Test
    void aTensorOfAnotherModelHasNoPlace() throws IOException {
        assertSays(
                refusal(v -> v.put("conv1.weight", new float[4])),
                "model.safetensors",
                "conv1.weight",
                "no place in the model");
    }

    @Test
    void aTensorOfAnotherShapeIsToldWithBoth() throws IOException {
        assertSays(refusal(v -> v.put(BIAS, new float[4])), BIAS, "(4)", "(8)", "hidden_size");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertSays(
                refusal(v -> v.remove("embeddings.word_embeddings.weight")),
                "model.safetensors",
                "embeddings.word_embeddings.weight",
                "is missing",
                "lacks 1 of the 21");
    }

    @Test
    void aWeightThatIsNotANumberIsToldWithItsPlace() throws IOException {
        var name = "encoder.layer.0.output.dense.weight";
        assertSays(refusal(v -> v.get(name)[20 + 3] = Float.NaN), name, "finite", "NaN", "[1, 3]");
    }

    @Test
    void aNameUnderWhichTwoTensorsComeIsTold() throws IOException {
        assertSays(
                refusal(v -> v.put("bert." + BIAS, new float[8])), BIAS, "bert." + BIAS, "twice");
    }
}
