package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.model.block.Decoder;
import org.lowrank.model.block.RotaryScaling;

/** Every key of a configuration is read, known to change nothing, or refused by its name. */
class ConfigKeysTest {

    private static final String LLAMA =
            """
            {"model_type": "llama", "vocab_size": 40, "hidden_size": 16, "intermediate_size": 12,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 32, "_name_or_path": "x", "torch_dtype": "float16"}""";

    private static Decoder.Form form(String changes) throws IOException {
        var json = new ObjectMapper();
        var config = (ObjectNode) json.readTree(LLAMA);
        config.setAll((ObjectNode) json.readTree("{" + changes.replace('\'', '"') + "}"));
        var keys = new ConfigKeys(Path.of("config.json"), config);
        var form = LlamaFamily.form(keys, 0);
        keys.refuseOthers();
        return form;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            'quantization_config': {'bits': 4}; quantization_config | bits | not built
            'attn_logit_softcapping': 50.0;     attn_logit_softcapping | 50.0
            'num_experts': 8;                   num_experts | 8
            'partial_rotary_factor': 0.5;       partial_rotary_factor | 0.5
            'hidden_act': 'relu2';              hidden_act | relu2 | silu
            'num_key_value_heads': 3;           4 is not divisible by num_key_value_heads 3
            'hidden_size': 18;                  18 is not divisible by num_attention_heads 4
            'hidden_size': null;                hidden_size | is missing
            'hidden_size': '16';                hidden_size | whole number | "16"
            'head_dim': 3;                      odd width 3
            'layer_types': ['full_attention'];  layer_types | each of the 2 layers | names 1
            'rope_theta': -1;                   rope_theta | above 0 | -1
            'rope_scaling': {'type': 'linear'}; rope_scaling.factor | missing
            'rope_scaling': {'type': 'ntk'};    rope_scaling.type | "ntk" | yarn
            'rope_scaling': {'type': 'linear', 'factor': 2, 'mrope_section': [1]}; mrope_section
            'rope_scaling': 2;                  rope_scaling | object
            """)
    void whatIsNotBuiltIsRefusedByItsKey(String changes, String words) {
        var error =
                assertThrows(
                        Exception.class,
                        () -> new org.lowrank.model.block.RotaryPositions(form(changes).rotary()));
        for (var word : words.split(" *\\| *")) {
            assertTrue(error.getMessage().contains(word), error.getMessage() + " lacks " + word);
        }
    }

    @Test
    void whatIsOffOrSaysNothingPasses() throws IOException {
        var form =
                form(
                        "'quantization_config': null, 'use_flash': false, 'use_cache': true,"
                                + " 'head_dim': null, 'tie_word_embeddings': true");
        assertEquals(4, form.layers().get(0).attention().headWidth());
        assertEquals(true, form.tied());
    }

    /** base 10000, d = 8: θ = 1, 0.1, 0.01, 0.001. */
    @Test
    void dynamicPositionsGrowTheBaseBeyondTheTrainedLength() throws IOException {
        var scaling = form("'rope_scaling': {'type': 'dynamic', 'factor': 2.0}").rotary().scaling();
        assertArrayEquals(
                new float[] {1, .1f, .01f, .001f}, scaling.frequencies(1e4, 8, 32), 1e-7f);
        // 2 · 64 / 32 − 1 = 3, base 10000 · 3^(8/6)
        double base = 1e4 * Math.pow(3, 4.0 / 3);
        var wanted = new float[4];
        for (int i = 0; i < 4; i++) {
            wanted[i] = (float) Math.pow(base, -i / 4.0);
        }
        assertArrayEquals(wanted, scaling.frequencies(1e4, 8, 64), 1e-7f);
    }

    @Test
    void longPositionsHaveFactorsForShortAndForLongTexts() throws IOException {
        var scaling =
                form("'rope_scaling': {'type': 'longrope', 'short_factor': [1, 2],"
                                + " 'long_factor': [4, 8],"
                                + " 'original_max_position_embeddings': 16}")
                        .rotary()
                        .scaling();
        assertArrayEquals(new float[] {1, .005f}, scaling.frequencies(1e4, 4, 16), 1e-7f);
        assertArrayEquals(new float[] {.25f, .00125f}, scaling.frequencies(1e4, 4, 17), 1e-7f);
        // factor 32 / 16 = 2: sqrt(1 + ln 2 / ln 16) = sqrt(1.25)
        assertEquals(Math.sqrt(1.25), scaling.attention(), 1e-12);
    }

    @Test
    void aWindowStandsInTheLayersThatSlide() throws IOException {
        assertEquals(List.of(0, 0), windows("'model_type': 'mistral', 'sliding_window': null"));
        assertEquals(List.of(4096, 4096), windows("'model_type': 'mistral'"));
        assertEquals(
                List.of(0, 3),
                windows(
                        "'model_type': 'qwen3', 'use_sliding_window': true, 'sliding_window': 3,"
                                + " 'max_window_layers': 1"));
    }

    private static List<Integer> windows(String changes) throws IOException {
        return form(changes).layers().stream().map(layer -> layer.window()).toList();
    }

    @Test
    void plainPositionsAreScaledByNothing() throws IOException {
        assertEquals(new RotaryScaling.Plain(), form("").rotary().scaling());
        assertEquals(1, form("").rotary().scaling().attention());
    }
}
