package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Against the parameter counts that are published with the models. */
class ModelShapeTest {

    @Test
    void theModelsHaveTheirPublishedNumbersOfParameters() {
        assertEquals(6_738_415_616L, ModelShape.LLAMA_2_7B.parameters());
        assertEquals(8_030_261_248L, ModelShape.LLAMA_31_8B.parameters());
        assertEquals(109_482_240L, ModelShape.BERT_BASE.parameters());
        assertEquals(22_713_216L, ModelShape.MINILM_L6.parameters());
    }

    @Test
    void adaptersHaveTheKnownNumbersOfParameters() {
        // what PEFT prints for r = 8 on all linear maps
        assertEquals(19_988_480L, ModelShape.LLAMA_2_7B.adapterParameters(8));
        assertEquals(20_971_520L, ModelShape.LLAMA_31_8B.adapterParameters(8));
    }

    @Test
    void adaptersOnAttentionLeaveTheModelAsLargeAsItIs() {
        var attention = ModelShape.LLAMA_31_8B.attentionOnly();
        assertEquals(4, attention.maps().size());
        assertEquals(8_030_261_248L, attention.parameters());
        assertEquals(6_815_744L, attention.adapterParameters(8));
    }
}
