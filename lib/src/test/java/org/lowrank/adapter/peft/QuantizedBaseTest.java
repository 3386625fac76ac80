package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorSources;
import org.lowrank.weights.TensorType;

/** An adapter that was trained on a base of few bits is an ordinary one. */
class QuantizedBaseTest {

    private static final Path CASE =
            Path.of(
                    System.getProperty("lowrank.cases", "../../shared/cases"),
                    "41-base-in-bitsandbytes-4-bit");

    @TempDir private Path folder;

    @Test
    void itLoadsOnTheSameWeightsInFloat32() throws IOException {
        assumeTrue(Files.isDirectory(CASE), CASE.toAbsolutePath() + " is not there");
        var expected = new ObjectMapper().readTree(CASE.resolve("expected.json").toFile());
        try (var base = floatBase()) {
            assertArrayEquals(
                    values(expected.get("q_proj_first_row_dequantised")),
                    base.floats("model.layers.0.self_attn.q_proj.weight", 0, 8),
                    1e-6f);
        }
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(folder)) {
            var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
            compare(expected, "logits_of_the_dequantised_base", model);
            try (var adapters = PeftAdapter.load(CASE.resolve("adapter"), model)) {
                compare(expected, "with_adapter", model);
                adapters.mergeAndUnload();
            }
            compare(expected, "with_adapter", model);
        }
        assertEquals(
                Optional.of("unsloth/llama-3-8b-bnb-4bit"),
                PeftAdapter.quantizedBase(CASE.resolve("adapter")));
    }

    @ParameterizedTest
    @CsvSource({
        "unsloth/llama-3-8b-bnb-4bit, true",
        "TheBloke/Llama-2-7B-GPTQ, true",
        "TheBloke/Llama-2-7B-AWQ, true",
        "models/llama.Q4_K_M.gguf, true",
        "meta-llama/Llama-3.2-1B-Instruct-QLORA_INT4_EO8, true",
        "meta-llama/Llama-3.1-8B, false",
        "Qwen/Qwen2.5-14B, false",
        "google/gemma-2-2b-it, false",
        "HuggingFaceTB/SmolLM2-135M-Instruct, false",
        "models/q4x/bitnet, false",
    })
    void itsNameSaysSo(String base, boolean quantized) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"" + base + "\"}");
        assertEquals(quantized, PeftAdapter.quantizedBase(folder).isPresent());
    }

    /** The base of the case with its blocks of 64 as the float32 that they stand for. */
    private TensorSource floatBase() throws IOException {
        var config =
                (ObjectNode) new ObjectMapper().readTree(CASE.resolve("base/config.json").toFile());
        config.remove("quantization_config");
        Files.writeString(folder.resolve("config.json"), config.toString());
        var tensors = new LinkedHashMap<String, TensorData>();
        try (var packed = TensorSources.open(CASE.resolve("base/model.safetensors"))) {
            for (var name : packed.names()) {
                var info = packed.info(name);
                if (packed.names().contains(name + ".quant_map")) {
                    var state = name + ".quant_state.bitsandbytes__nf4";
                    int count = (int) packed.info(state).byteCount();
                    var text = StandardCharsets.UTF_8.decode(packed.bytes(state, 0, count));
                    var shape = new ObjectMapper().readTree(text.toString()).get("shape");
                    tensors.put(
                            name,
                            TensorData.of(
                                    unpacked(packed, name),
                                    shape.get(0).asLong(),
                                    shape.get(1).asLong()));
                } else if (info.type() == TensorType.F32 && !name.contains(".weight.")) {
                    tensors.put(name, TensorData.of(packed.floats(name), info.dimensions()));
                }
            }
        }
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
        return TensorSources.open(folder.resolve("model.safetensors"));
    }

    /** Two values a byte, the high half first: a place in the map, times the block's largest. */
    private static float[] unpacked(TensorSource packed, String name) throws IOException {
        var map = packed.floats(name + ".quant_map");
        var largest = packed.floats(name + ".absmax");
        int count = (int) packed.info(name).byteCount();
        var bytes = packed.bytes(name, 0, count);
        var values = new float[2 * count];
        for (int i = 0; i < count; i++) {
            values[2 * i] = map[bytes.get(i) >> 4 & 15] * largest[2 * i / 64];
            values[2 * i + 1] = map[bytes.get(i) & 15] * largest[2 * i / 64];
        }
        return values;
    }

    private static void compare(JsonNode expected, String field, CausalModel model) {
        var ids = expected.get("input_ids").get(0);
        var input = new long[ids.size()];
        Arrays.setAll(input, i -> ids.get(i).asLong());
        try (var step = model.manager().newSubManager()) {
            var shape = new Shape(1, input.length);
            var mask = step.ones(shape, DataType.FLOAT32);
            var last = step.create(new long[] {input.length - 1});
            var seen = model.logits(new TokenBatch(step.create(input, shape), mask), last, false);
            assertArrayEquals(
                    values(expected.get(field)),
                    seen.toFloatArray(),
                    (float) expected.get("tolerance").asDouble());
        }
    }

    private static float[] values(JsonNode list) {
        var values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) list.get(i).asDouble();
        }
        return values;
    }
}
