package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizersTest {

    @ParameterizedTest
    @ValueSource(strings = {"adamw", "lora_rite", "altlora", "altlora_plus"})
    void theNamesOfAltLorasScriptsAreKnown(String name) {
        assertTrue(Optimizers.names().contains(name));
        Optimizers.create(name).close();
    }

    @Test
    void defaultsAreThoseOfThePapers() {
        assertEquals(
                "altlora(order=A_FIRST, aligned=true, damping=1.0E-6, beta1=0.9, weightDecay=0.0)",
                Optimizers.create("altlora").toString());
        assertEquals(
                "lora_plus(beta1=0.9, beta2=0.999, epsilon=1.0E-8, weightDecay=0.0,"
                        + " rateRatio=16.0)",
                Optimizers.create("lora_plus").toString());
        assertEquals(
                "altlora_plus_released(beta1=0.9, beta2=0.999, epsilon=1.0E-4,"
                        + " weightDecay=1.0E-5, damping=1.0E-5)",
                Optimizers.create("altlora_plus_released").toString());
    }

    @Test
    void optionsAreReadAsJsonHoldsThem() throws JsonProcessingException {
        var json = "{\"order\": \"b_first\", \"aligned\": false, \"weightDecay\": 1}";
        var options =
                new ObjectMapper().readValue(json, new TypeReference<Map<String, Object>>() {});
        assertEquals(
                "altlora(order=B_FIRST, aligned=false, damping=1.0E-6, beta1=0.9, weightDecay=1.0)",
                Optimizers.create("altlora", options).toString());
    }

    @Test
    void optionsAndTheirDefaultsGoThroughJsonAndBack() throws JsonProcessingException {
        var mapper = new ObjectMapper();
        for (var name : Optimizers.names()) {
            var json = mapper.writeValueAsString(Optimizers.options(name));
            var options = mapper.readValue(json, new TypeReference<Map<String, Object>>() {});
            assertEquals(
                    Optimizers.create(name).toString(),
                    Optimizers.create(name, options).toString());
        }
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        var error = assertThrows(IllegalArgumentException.class, () -> Optimizers.create("adam"));
        assertTrue(error.getMessage().contains("'adam'"), error.getMessage());
        assertTrue(error.getMessage().contains("adamw"), error.getMessage());
        assertTrue(error.getMessage().contains("altlora_plus_released"), error.getMessage());
    }

    /** At the first step B = 0 makes both moments of A 0, and 0/0 is NaN. */
    @Test
    void anEpsilonOfZeroIsRefusedByEveryOptimizerThatHasOne() {
        int having = 0;
        for (var name : Optimizers.names()) {
            if (Optimizers.options(name).containsKey("epsilon")) {
                having++;
                var error =
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> Optimizers.create(name, Map.of("epsilon", 0)),
                                name);
                assertTrue(
                        error.getMessage().contains("epsilon must be finite and above 0"),
                        error.getMessage());
            }
        }
        assertTrue(having >= 5, having + " optimizers");
    }

    @Test
    void anUnknownOptionListsTheKnownOnesWithTheirDefaults() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Optimizers.create("adamw", Map.of("lr", 0.1)));
        assertTrue(error.getMessage().contains("'lr'"), error.getMessage());
        assertTrue(error.getMessage().contains("beta2=0.999"), error.getMessage());
    }

    @Test
    void aValueOfTheWrongKindOrRangeIsRefusedByName() {
        var kind =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Optimizers.create("adamw", Map.of("beta1", "high")));
        assertTrue(kind.getMessage().contains("'beta1'"), kind.getMessage());
        var choice =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Optimizers.create("lora_pro", Map.of("x", "best")));
        assertTrue(choice.getMessage().contains("SYLVESTER"), choice.getMessage());
        var range =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Optimizers.create("adamw", Map.of("beta1", 1)));
        assertTrue(range.getMessage().contains("beta1 must be in [0, 1)"), range.getMessage());
    }

    @Test
    void aGoldenRunWithAnUnknownNameFails() {
        var error =
                assertThrows(AssertionError.class, () -> GoldenRuns.optimizer("lora_max", null));
        assertTrue(error.getMessage().contains("'lora_max'"), error.getMessage());
    }
}
