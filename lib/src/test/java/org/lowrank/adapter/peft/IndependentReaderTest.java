package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;

/**
 * What this kit saves, read by another program: 30 lines of Python with PyTorch, where there is one
 * (Debian: python3-torch).
 */
class IndependentReaderTest {

    private static final String PATH = "block.0.first";
    private static final String PYTHON = "/usr/bin/python3";
    private static final ObjectMapper JSON = new ObjectMapper();
    @TempDir Path folder;

    private static Map<String, LoraConfig> configurations() {
        var lora = LoraConfig.ofRank(2);
        return Map.of(
                "lora", lora,
                "rslora", lora.withRslora(true).withPatterns(Map.of(PATH, 3), Map.of()),
                "dora", lora.withLayer("dora"),
                "adalora", lora.withLayer(AdaLora.to(1, 10).choice()),
                "adalora with an alpha of its own",
                        lora.withLayer(AdaLora.to(1, 10).choice())
                                .withPatterns(Map.of(), Map.of(PATH, 9.0)));
    }

    @Test
    void pythonWithTorchReadsEveryKindAndGetsTheSameOutputs() throws Exception {
        assumeTrue(hasTorch(), "python3 with torch is not installed");
        var cases = new ArrayList<Map<String, Object>>();
        var expected = new ArrayList<float[]>();
        try (var manager = NDManager.newBaseManager()) {
            for (var entry : configurations().entrySet()) {
                var at = folder.resolve(entry.getKey());
                cases.add(saved(entry.getValue(), at, manager, expected));
            }
        }
        var outputs = python(JSON.writeValueAsBytes(cases));
        assertEquals(cases.size(), outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            var name = cases.get(i).get("folder").toString();
            assertArrayEquals(expected.get(i), flat(outputs.get(i)), 1e-5f, name);
        }
    }

    private static boolean hasTorch() throws InterruptedException {
        try {
            var process = new ProcessBuilder(PYTHON, "-c", "import torch").start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Saves a disturbed adapter and gives what the script is told of it. */
    private static Map<String, Object> saved(
            LoraConfig config, Path at, NDManager manager, List<float[]> expected)
            throws IOException {
        try (var model = new TinyMlp(manager, 1, 5, 7, 5, 1);
                var set = AdapterSet.inject(model, config, 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.05f));
            set.adapters()
                    .values()
                    .forEach(
                            a ->
                                    a.extraParameters()
                                            .values()
                                            .forEach(p -> p.stopGradient().addi(0.2f)));
            PeftAdapter.save(at, set);
            var layer = model.linears().get(PATH);
            var x = manager.arange(10f).reshape(new Shape(2, 5)).div(10);
            expected.add(layer.forward(x, false).toFloatArray());
            return Map.of(
                    "folder", at.toString(),
                    "path", PATH,
                    "W", rows(layer.weight().stored()),
                    "b", layer.bias().getArray().toFloatArray(),
                    "x", rows(x));
        }
    }

    private JsonNode python(byte[] input) throws Exception {
        var script = Path.of(getClass().getResource("/peft/read_adapter.py").toURI());
        var process =
                new ProcessBuilder(PYTHON, script.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        }
        var output = JSON.readTree(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor());
        return output;
    }

    private static float[][] rows(NDArray matrix) {
        var rows = new float[(int) matrix.getShape().get(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = matrix.get(i).toFloatArray();
        }
        return rows;
    }

    private static float[] flat(JsonNode rows) {
        var values =
                StreamSupport.stream(rows.spliterator(), false)
                        .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
                        .mapToDouble(JsonNode::asDouble)
                        .toArray();
        var floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
