package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.block.RelativePositions;

class T5FamilyTest {

    private static T5 t5(String changes, NDManager manager) throws IOException {
        var json = new ObjectMapper();
        var config =
                (ObjectNode)
                        json.readTree(
                                """
                                {"model_type": "t5", "vocab_size": 40, "d_model": 8, "d_kv": 3,
                                 "d_ff": 12, "num_layers": 2, "num_heads": 2, "n_positions": 512,
                                 "output_past": true, "is_encoder_decoder": true,
                                 "decoder_start_token_id": 0, "dropout_rate": 0.1,
                                 "initializer_factor": 1.0, "task_specific_params": {"a": 1}}""");
        config.setAll((ObjectNode) json.readTree("{" + changes.replace('\'', '"') + "}"));
        var keys = new ConfigKeys(Path.of("config.json"), config);
        var wanted =
                new ModelFamily.Wanted(
                        EncoderDecoder.class, keys, Set.of(), LoadOptions.PLAIN, manager);
        return (T5) new T5Family().build(wanted);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
            'is_decoder': true;                        is_decoder | true
            'feed_forward_proj': 'gated-swish2';       feed_forward_proj | swish2 | gelu_new
            'dense_act_fn': 'mish';                    dense_act_fn | mish
            'relative_attention_num_buckets': 3;       relative_attention_num_buckets | 3
            'relative_attention_max_distance': 16;     relative_attention_max_distance | 16
            'decoder_start_token_id': -1;              decoder_start_token_id | 0 or more
            'layer_norm_epsilon': 0;                   layer_norm_epsilon | above 0
            'd_kv': 'x';                               d_kv | whole number
            'num_experts': 8;                          num_experts | not built
            """)
    void whatIsNotBuiltIsRefusedByItsKey(String changes, String words) {
        try (var manager = NDManager.newBaseManager()) {
            var error = assertThrows(IOException.class, () -> t5(changes, manager));
            for (var word : words.split(" *\\| *")) {
                assertTrue(error.getMessage().contains(word), error.getMessage());
            }
        }
    }

    @Test
    void theVersionFollowsFromTheConfiguration() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var first = t5("", manager);
            assertTrue(first.config().scaled() && first.isTied());
            assertTrue(first.linears().containsKey("decoder.block.1.layer.2.DenseReluDense.wi"));
            assertEquals(2 * 6 + 2 * 10, first.linears().size());
            var flan =
                    t5(
                            "'feed_forward_proj': 'gated-gelu', 'tie_word_embeddings': false,"
                                    + " 'num_decoder_layers': 1",
                            manager);
            assertFalse(flan.config().scaled() || flan.isTied());
            assertTrue(flan.linears().containsKey("encoder.block.0.layer.1.DenseReluDense.wi_1"));
            assertEquals(2 * 7 + 11, flan.linears().size());
            assertTrue(t5("'scale_decoder_outputs': false", manager).isTied());
        }
    }

    /** Expected: transformers 5.24. */
    @Test
    void distancesAreInTheBucketsOfTransformers() {
        var after = new int[] {-200, -127, -100, -64, -40, -31, -16, -15, -8, -7, -1, 0, 1, 8, 32};
        try (var manager = NDManager.newBaseManager()) {
            assertArrayEquals(
                    new long[] {15, 15, 15, 14, 12, 11, 10, 9, 8, 7, 1, 0, 17, 24, 28},
                    buckets(new RelativePositions.Form(32, 128, true), after, manager));
            assertArrayEquals(
                    new long[] {31, 31, 30, 26, 23, 21, 16, 15, 8, 7, 1, 0, 0, 0, 0},
                    buckets(new RelativePositions.Form(32, 128, false), after, manager));
            assertArrayEquals(
                    new long[] {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0, 4, 5, 5},
                    buckets(new RelativePositions.Form(6, 20, true), after, manager));
        }
    }

    private static long[] buckets(RelativePositions.Form form, int[] after, NDManager manager) {
        var positions = new RelativePositions(form, 2);
        return Arrays.stream(after).mapToLong(d -> positions.bucket(d, manager)).toArray();
    }

    @Test
    void aHeadThatIsTrainedIsNoLongerTheTable() throws IOException {
        try (var manager = NDManager.newBaseManager();
                var t5 = T5.random(T5Config.ofSize(40, 8, 2, 2), 1, manager)) {
            var config = LoraConfig.ofRank(2).withModulesToSave("lm_head");
            try (var set = AdapterSet.inject(t5, config, 3)) {
                assertFalse(t5.isTied());
                assertTrue(set.modulesToSave().containsKey("lm_head.weight"));
            }
            var nothing = new EncoderDecoder.Passage(null, null);
            var ids = manager.ones(new Shape(1, 1), DataType.INT64);
            var refused =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> t5.hidden(ids, manager.ones(new Shape(1, 1)), nothing, false));
            assertTrue(refused.getMessage().contains("give its memory"));
        }
    }
}
