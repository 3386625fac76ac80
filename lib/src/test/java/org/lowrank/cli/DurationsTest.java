package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {

    @Test
    void durationsAreReadAsPeopleTypeThem() {
        assertEquals(Duration.ofMinutes(90), Durations.parse("90m"));
        assertEquals(Duration.ofMinutes(90), Durations.parse("1h30m"));
        assertEquals(Duration.ofSeconds(45), Durations.parse("45s"));
        assertEquals(Duration.ofMillis(50), Durations.parse("PT0.05S"));
        var error = assertThrows(TypeConversionException.class, () -> Durations.parse("soon"));
        assertTrue(error.getMessage().contains("for example 45s, 90m, 1h30m"));
    }
}
