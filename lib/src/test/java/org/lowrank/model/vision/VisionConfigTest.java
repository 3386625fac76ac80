package org.lowrank.model.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFamilies;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.block.Network;

/** Configurations as the hub has them, and keys that ask for what is not built. */
class VisionConfigTest {

    private static final String VIT =
            """
            {"model_type": "vit", "architectures": ["ViTForImageClassification"],
             "attention_probs_dropout_prob": 0.0, "encoder_stride": 16, "hidden_act": "gelu",
             "hidden_dropout_prob": 0.0, "hidden_size": 8, "image_size": 8, "patch_size": 4,
             "initializer_range": 0.02, "intermediate_size": 12, "layer_norm_eps": 1e-12,
             "num_attention_heads": 2, "num_channels": 3, "num_hidden_layers": 1, "qkv_bias": true,
             "torch_dtype": "float32", "transformers_version": "4.13.0.dev0"}""";

    private static final String DINO =
            """
            {"model_type": "dinov2", "apply_layernorm": true, "drop_path_rate": 0.0,
             "hidden_size": 8, "image_size": 8, "patch_size": 4, "layerscale_value": 1.0,
             "mlp_ratio": 4, "num_attention_heads": 2, "num_hidden_layers": 1,
             "out_features": ["stage1"], "out_indices": [1], "reshape_hidden_states": true,
             "stage_names": ["stem", "stage1"], "use_swiglu_ffn": true}""";

    /** With all that first releases wrote into the parts. */
    private static final String CLIP =
            """
            {"model_type": "clip", "architectures": ["CLIPModel"], "initializer_factor": 1.0,
             "logit_scale_init_value": 2.6592, "projection_dim": 6, "torch_dtype": "float32",
             "transformers_version": null, "text_config_dict": null, "vision_config_dict": null,
             "text_config": {"_name_or_path": "", "add_cross_attention": false,
              "attention_dropout": 0.0, "bad_words_ids": null, "bos_token_id": 0,
              "chunk_size_feed_forward": 0, "diversity_penalty": 0.0, "do_sample": false,
              "dropout": 0.0, "encoder_no_repeat_ngram_size": 0, "eos_token_id": 2,
              "gradient_checkpointing": false, "hidden_act": "quick_gelu", "hidden_size": 8,
              "id2label": {"0": "LABEL_0", "1": "LABEL_1"}, "initializer_factor": 1.0,
              "initializer_range": 0.02, "intermediate_size": 12, "is_decoder": false,
              "label2id": {"LABEL_0": 0, "LABEL_1": 1}, "layer_norm_eps": 1e-05,
              "length_penalty": 1.0, "max_length": 20, "max_position_embeddings": 7,
              "min_length": 0, "model_type": "clip_text_model", "no_repeat_ngram_size": 0,
              "num_attention_heads": 2, "num_beam_groups": 1, "num_beams": 1,
              "num_hidden_layers": 1, "num_return_sequences": 1, "pad_token_id": 1,
              "projection_dim": 6, "pruned_heads": {}, "repetition_penalty": 1.0,
              "return_dict": true, "temperature": 1.0, "tie_word_embeddings": true, "top_k": 50,
              "top_p": 1.0, "typical_p": 1.0, "use_bfloat16": false, "vocab_size": 30},
             "vision_config": {"attention_dropout": 0.0, "dropout": 0.0,
              "hidden_act": "quick_gelu", "hidden_size": 8, "image_size": 8, "patch_size": 4,
              "intermediate_size": 12, "layer_norm_eps": 1e-05,
              "model_type": "clip_vision_model", "num_attention_heads": 2,
              "num_hidden_layers": 1, "projection_dim": 6, "pruned_heads": {}}}""";

    private static Network build(JsonNode json, NDManager manager) throws IOException {
        var file = Path.of("config.json");
        var family = ModelFamilies.of(file, json);
        return family.build(
                new ModelFamily.Wanted(
                        family.capabilities().get(0),
                        new ConfigKeys(file, json),
                        Set.of(),
                        LoadOptions.PLAIN,
                        manager));
    }

    private static ObjectNode json(String name) throws IOException {
        var text = name.equals("vit") ? VIT : name.equals("dinov2") ? DINO : CLIP;
        return (ObjectNode) new ObjectMapper().readTree(text);
    }

    @ParameterizedTest
    @CsvSource({"vit", "dinov2", "clip"})
    void configurationsOfTheHubAreUnderstood(String name) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var network = build(json(name), manager)) {
            assertTrue(network.slots().size() > 10, network.slots().keySet().toString());
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            vit;    hidden_act;     "gelu_10";   gelu_10
            vit;    image_size;     [8, 16];     only squares
            vit;    patch_size;     16;          larger than image_size
            vit;    hidden_size;    9;           not divisible by num_attention_heads
            vit;    use_conv_stem;  true;        not built here
            dinov2; num_register_tokens; 4;      not built here
            dinov2; mlp_ratio;      -1;          above 0
            clip;   use_vision_head; true;       not built here
            """)
    void whatIsNotBuiltIsRefusedByItsKey(String name, String key, String value, String reason)
            throws IOException {
        var config = json(name);
        config.set(key, new ObjectMapper().readTree(value));
        refused(config, key, reason);
    }

    @Test
    void aPartOfClipIsRefusedByItsPath() throws IOException {
        var config = json("clip");
        ((ObjectNode) config.get("vision_config")).put("use_rope", true);
        refused(config, "vision_config.use_rope", "not built here");
        var ends = json("clip");
        ((ObjectNode) ends.get("text_config")).putArray("eos_token_id").add(2).add(3);
        refused(ends, "text_config.eos_token_id", "must be one id");
    }

    @Test
    void oldWordsForAPartReplaceIt() throws IOException {
        var config = json("clip");
        var replacing = ((ObjectNode) config.get("text_config")).deepCopy();
        replacing.put("vocab_size", 44);
        config.set("text_config_dict", replacing);
        try (var manager = NDManager.newBaseManager();
                var network = (Clip) build(config, manager)) {
            assertEquals(44, network.vocabulary());
        }
    }

    private static void refused(JsonNode config, String key, String reason) {
        try (var manager = NDManager.newBaseManager()) {
            var error = assertThrows(IOException.class, () -> build(config, manager));
            assertTrue(error.getMessage().contains(key), error.getMessage());
            assertTrue(error.getMessage().contains(reason), error.getMessage());
        }
    }
}
