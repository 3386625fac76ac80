package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EncoderStepBenchmarkTest {

    @Test
    void theOperationsAreThoseOfTheArchitecture() throws IOException {
        var result = EncoderStepBenchmark.measure("all-MiniLM-L6-v2", 4, 16, 3);
        // Six layers of four 384 x 384 and two 384 x 1536 maps, forward and backward, 64 tokens.
        long weights = 6L * (4 * 384 * 384 + 2 * 384 * 1536);
        assertEquals(2 * 2 * 64 * weights, result.operations());
        assertTrue(result.toString().contains("ratio"), result.toString());
    }

    /** Needs a machine that does nothing else. */
    @Test
    @Tag("soak")
    void aStepOfMiniLmTakesAtMostOnePointEightTimesThePlainProducts() throws IOException {
        var result = EncoderStepBenchmark.measure("all-MiniLM-L6-v2", 32, 32, 30);
        System.out.println(result);
        assertTrue(result.ratio() <= 1.8, result.toString());
    }
}
