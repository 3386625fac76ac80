package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class DevicesTest {

    @Test
    void theProcessorIsAlwaysThere() {
        assertEquals(Device.cpu(), Devices.named("cpu"));
        assertEquals("cpu", Devices.facts(Device.cpu()).get("device"));
    }

    @Test
    void anotherWordIsRefused() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Devices.named("cuda"));
        assertTrue(refusal.getMessage().contains("gpu:N"), refusal.getMessage());
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedAndNotReplacedByTheProcessor() {
        var refusal = assertThrows(IllegalStateException.class, () -> Devices.named("gpu:99"));
        assertTrue(refusal.getMessage().contains("the engine sees"), refusal.getMessage());
    }

    @Test
    void precisionsHaveTheirNamesInConfigurations() {
        for (var precision : Precision.values()) {
            assertEquals(precision, Precision.named(precision.toString()));
        }
        var refusal = assertThrows(IllegalArgumentException.class, () -> Precision.named("fp16"));
        assertTrue(refusal.getMessage().contains("bfloat16"), refusal.getMessage());
    }
}
