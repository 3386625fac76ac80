package org.lowrank.adapter.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.SafetensorsBytes;

/** What PEFT writes is read; what is not for a model is refused by its field or tensor. */
class FolderOfPeftTest {

    private NDManager manager;
    private TinyMlp model;
    @TempDir Path folder;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 3, 5, 7, 5, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    @Test
    void readsAFolderAsPeftWritesIt() throws IOException {
        // lora_A (1, 5) in bfloat16, lora_B (7, 1) in float32; PEFT writes more fields than we do
        writeByHand(
                """
                {"peft_type":"LORA","r":1,"lora_alpha":8,"lora_dropout":0.1,"use_rslora":false,
                 "target_modules":".*first","modules_to_save":null,"fan_in_fan_out":false,
                 "bias":"none","rank_pattern":{},"alpha_pattern":{"block.0.first":2},
                 "corda_config":null,"eva_config":null,"exclude_modules":null,"lora_bias":false,
                 "trainable_token_indices":null,"use_dora":false,"qalora_group_size":16}""",
                """
                {"__metadata__":{"format":"pt"},\
                "base_model.model.bert.block.0.first.lora_A.weight":\
                {"dtype":"BF16","shape":[1,5],"data_offsets":[28,38]},\
                "base_model.model.bert.block.0.first.lora_B.weight":\
                {"dtype":"F32","shape":[7,1],"data_offsets":[0,28]}}""",
                new float[] {1, 2, 3, 4, 5, 6, 7},
                (short) 0x3f80, // 1
                (short) 0x4000, // 2
                (short) 0xbf80, // -1
                (short) 0x0000,
                (short) 0x3f00); // 0.5
        try (var set = PeftAdapter.load(folder, model);
                var scratch = manager.newSubManager()) {
            var pair = set.pairs().get(0);
            assertEquals("block.0.first", pair.path());
            assertEquals(2, pair.scaling());
            assertEquals(0.1, set.config().loraDropout());
            assertArrayEquals(new float[] {1, 2, -1, 0, 0.5f}, pair.loraA().toFloatArray());
            var delta =
                    set.adapters()
                            .get("block.0.first")
                            .deltaWeight(model.linears().get("block.0.first"), scratch);
            assertArrayEquals(
                    new double[] {2 * 3, 4 * 3, -2 * 3, 0, 3},
                    delta.get(new NDIndex(2)).toDoubleArray());
        }
    }

    @Test
    void readsAPrunedAdaLoraFolder() throws IOException {
        // init_r 3, the middle triplet pruned: E has 2 rows, and the places are in rank_pattern
        writeByHand(
                """
                {"peft_type":"ADALORA","init_r":3,"target_r":2,"r":8,"lora_alpha":6,"tinit":0,
                 "tfinal":0,"deltaT":1,"beta1":0.85,"beta2":0.85,"orth_reg_weight":0.5,
                 "total_step":10,"target_modules":["first"],
                 "rank_pattern":{"block.0.first.lora_E":[true,false,true]}}""",
                """
                {"base_model.model.block.0.first.lora_A":\
                {"dtype":"F32","shape":[2,5],"data_offsets":[0,40]},\
                "base_model.model.block.0.first.lora_B":\
                {"dtype":"F32","shape":[7,2],"data_offsets":[40,96]},\
                "base_model.model.block.0.first.lora_E":\
                {"dtype":"F32","shape":[2,1],"data_offsets":[96,104]}}""",
                new float[] {
                    1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70,
                    0.5f, 0.25f
                });
        try (var set = PeftAdapter.load(folder, model);
                var scratch = manager.newSubManager()) {
            var adapter = set.adapters().get("block.0.first");
            assertArrayEquals(
                    new float[] {0.5f, 0, 0.25f},
                    adapter.extraParameters().get("lora_E").toFloatArray());
            var delta = adapter.deltaWeight(model.linears().get("block.0.first"), scratch);
            double s = 6 / 3.00001;
            assertArrayEquals(
                    new double[] {s * 0.5 * 3, s * 0.25 * 30, 0, 0, 0},
                    delta.get(new NDIndex(2)).toDoubleArray(),
                    1e-12);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        "peft_type":"LORA"         | "peft_type":"IA3"               | peft_type: 'IA3', IA3 (learned
        "r":1                      | "r":0                           | r: must be a whole number
        "r":1                      | "r":2                           | has shape [1, 5], not [2, 5]
        "r":1                      | "r":1.5                         | r: must be a whole number
        "r":1                      | "r":9                           | has shape [1, 5], not [9, 5]
        "lora_alpha":8             | "lora_alpha":0                  | adapter: lora_alpha is 0.0; allowed
        "lora_alpha":8             | "lora_alpha":"8"                | lora_alpha: must be a finite
        "lora_dropout":0.1         | "lora_dropout":1                | adapter: lora_dropout is 1.0
        "use_dora":false           | "use_dora":1                    | use_dora: must be true or false
        "use_dora":false           | "use_dora":true                 | has no lora_magnitude_vector
        "bias":"none"              | "bias":"boft_only"              | bias: "boft_only" is not supp
        "rank_pattern":{}          | "rank_pattern":{"x":0}          | rank_pattern.x: must be
        "rank_pattern":{}          | "rank_pattern":{"(a+)+":2}      | too costly a pattern
        "rank_pattern":{}          | "rank_pattern":{"(":2}          | not a regular expression
        "alpha_pattern":{}         | "alpha_pattern":[]              | alpha_pattern: must be an object
        "modules_to_save":null     | "modules_to_save":[1]           | modules_to_save: must list names
        "modules_to_save":null     | "modules_to_save":["second"]    | lists 'second', but
        "modules_to_save":null     | "r":1                           | Duplicate field 'r'
        """)
    void refusesAConfigurationByField(String part, String other, String message)
            throws IOException {
        var config =
                """
                {"peft_type":"LORA","r":1,"lora_alpha":8,"lora_dropout":0.1,"modules_to_save":null,
                "fan_in_fan_out":false,"bias":"none","rank_pattern":{},"alpha_pattern":{},
                "use_dora":false}""";
        assertTrue(config.contains(part));
        writeByHand(config.replace(part, other), smallHeader("block.0.first", ""), new float[12]);
        assertRefused(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        "pissa"          | init_lora_weights: "pissa" moved a part of W0 into A and B
        "pissa_niter_16" | init_lora_weights: "pissa_niter_16" moved a part of W0 into A and B
        "olora"          | save it with path_initial_model_for_weight_conversion
        "OLoRA"          | save it with path_initial_model_for_weight_conversion
        "corda"          | save it with path_initial_model_for_weight_conversion
        "lora_ga"        | save it with path_initial_model_for_weight_conversion
        "loftq"          | init_lora_weights: "loftq" goes with a quantised base
        "pissa_niter_"   | init_lora_weights: "pissa_niter_" is not known here
        "later"          | init_lora_weights: "later" is not known here
        "true"           | init_lora_weights: "true" is not known here
        1                | init_lora_weights: must be true, false or a name, not 1
        {}               | init_lora_weights: must be true, false or a name, not {}
        """)
    void refusesAStartThatChangesTheBase(String start, String message) throws IOException {
        writeByHand(
                "{\"peft_type\":\"LORA\",\"r\":1,\"init_lora_weights\":" + start + "}",
                smallHeader("block.0.first", ""),
                new float[12]);
        assertRefused(message);
    }

    @Test
    void biasesThatTheFileLacksAreMissed() throws IOException {
        writeByHand(
                "{\"peft_type\":\"LORA\",\"r\":1,\"bias\":\"lora_only\"}",
                smallHeader("block.0.first", ""),
                new float[12]);
        assertRefused(
                "bias: is lora_only, but adapter_model.safetensors has no block.0.first.bias");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "true",
                "false",
                "null",
                "\"gaussian\"",
                "\"Gaussian\"",
                "\"eva\"",
                "\"orthogonal\""
            })
    void readsAStartThatLeavesTheBase(String start) throws IOException {
        writeByHand(
                "{\"peft_type\":\"LORA\",\"r\":1,\"init_lora_weights\":" + start + "}",
                smallHeader("block.0.first", ""),
                new float[12]);
        try (var set = PeftAdapter.load(folder, model)) {
            assertEquals(1, set.pairs().size());
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "block.9.first, '', the model has no such linear map",
        "first, '', the model has no such linear map",
        "block.0.first, lora_embedding_A, is for a table of embeddings",
        "block.0.first, head.weight, the model has no such parameter",
        "block.0.first, block.0.second.bias, 'has shape [0], the model''s is [5]'",
        "block.0.first, block.0.first.lora_A.default.weight, means the same parameter",
        "block.0.first, bert.block.0.first.lora_A.weight, is there twice",
        "block.0.first, block.0.first.lora_magnitude_vector, does not speak of",
    })
    void refusesTensorsThatAreNotForThisModel(String path, String extra, String message)
            throws IOException {
        writeByHand("{\"peft_type\":\"LORA\",\"r\":1}", smallHeader(path, extra), new float[12]);
        assertRefused(message);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        var error = assertThrows(IOException.class, () -> PeftAdapter.load(folder, model));
        assertTrue(error.getMessage().contains("adapter_config.json"), error.getMessage());
        Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\":\"LORA\"}");
        error = assertThrows(IOException.class, () -> PeftAdapter.load(folder, model));
        assertTrue(error.getMessage().contains("adapter_model.safetensors"), error.getMessage());
    }

    private static String smallHeader(String path, String extra) {
        var more =
                extra.isEmpty()
                        ? ""
                        : ",\"base_model.model."
                                + (extra.startsWith("lora_emb") ? path + "." : "")
                                + extra
                                + "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[48,48]}";
        return """
        {"base_model.model.%s.lora_A.weight":{"dtype":"F32","shape":[1,5],"data_offsets":[0,20]},\
        "base_model.model.%s.lora_B.weight":{"dtype":"F32","shape":[7,1],"data_offsets":[20,48]}%s}"""
                .formatted(path, path, more);
    }

    private void writeByHand(String config, String header, float[] floats, short... shorts)
            throws IOException {
        var data =
                ByteBuffer.allocate(4 * floats.length + 2 * shorts.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : floats) {
            data.putFloat(value);
        }
        for (short value : shorts) {
            data.putShort(value);
        }
        Files.writeString(folder.resolve("adapter_config.json"), config);
        Files.write(
                folder.resolve("adapter_model.safetensors"),
                SafetensorsBytes.file(header, data.array()));
    }

    private void assertRefused(String message) {
        var refusal =
                assertThrows(MalformedFileException.class, () -> PeftAdapter.load(folder, model));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertTrue(refusal.getMessage().startsWith(folder.toString()), refusal.getMessage());
        model.linears().values().forEach(layer -> assertNull(layer.adapter()));
    }
}
