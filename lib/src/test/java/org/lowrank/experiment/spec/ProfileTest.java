package org.lowrank.experiment.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfileTest {

    @Test
    void theEnvironmentNamesTheProfileAndQuickIsTheDefault() {
        assertEquals(Profile.QUICK, Profile.of(Map.of()));
        assertEquals(Profile.CPU, Profile.of(Map.of("LOWRANK_PROFILE", "cpu")));
        assertEquals(3, Profile.PAPER.choose(1, 2, 3));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Profile.of(Map.of("LOWRANK_PROFILE", "fast")));
        assertTrue(error.getMessage().contains("quick, cpu, paper"), error.getMessage());
    }
}
