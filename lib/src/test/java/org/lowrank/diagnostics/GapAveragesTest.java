package org.lowrank.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer and kind of a weight by its path, whatever the family calls its layers. */
class GapAveragesTest {

    @ParameterizedTest
    @CsvSource({
        "encoder.layer.3.attention.self.query, 3, attention.self.query",
        "layer.0.output.dense, 0, output.dense",
        "model.layers.17.self_attn.q_proj, 17, self_attn.q_proj",
        "model.layers.2.mlp.down_proj, 2, mlp.down_proj",
        "transformer.h.11.attn.c_attn, 11, attn.c_attn"
    })
    void ofEncodersAndDecoders(String path, int layer, String kind) {
        assertEquals(layer, GapAverages.layer(path));
        assertEquals(kind, GapAverages.kind(path));
    }

    @Test
    void aPathWithoutALayerIsRefused() {
        var error =
                assertThrows(IllegalArgumentException.class, () -> GapAverages.layer("lm_head"));
        assertTrue(error.getMessage().contains("lm_head"));
    }
}
