package org.lowrank.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.linalg.DivergedException;

/** Temperature, top k and top p in the order and with the edges of another implementation. */
class TokenDrawTest {

    static Stream<JsonNode> cases() {
        var all = GoldenFiles.resource("generation.json").get("sampling");
        return StreamSupport.stream(all.spliterator(), false);
    }

    private static float[] logits(JsonNode one) {
        var logits = new float[one.get("logits").size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = one.get("logits").get(i).floatValue();
        }
        return logits;
    }

    private static TokenDraw draw(JsonNode one) {
        return new TokenDraw(
                one.get("temperature").doubleValue(),
                one.get("top_k").intValue(),
                one.get("top_p").doubleValue());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void probabilitiesAreTheKnownOnes(JsonNode one) {
        var seen = draw(one).probabilities(logits(one));
        for (int id = 0; id < seen.length; id++) {
            assertEquals(
                    one.get("probabilities").get(id).doubleValue(), seen[id], 1e-6, "id " + id);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tokensComeAsOftenAsTheirProbabilitySays(JsonNode one) {
        var draw = draw(one);
        var logits = logits(one);
        var wanted = draw.probabilities(logits);
        var counts = new int[wanted.length];
        var random = new SplittableRandom(4);
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            counts[draw.draw(logits, random)]++;
        }
        for (int id = 0; id < wanted.length; id++) {
            double deviation = Math.sqrt(wanted[id] * (1 - wanted[id]) / draws);
            assertEquals(wanted[id], counts[id] / (double) draws, 5 * deviation, "id " + id);
        }
    }

    @Test
    void logitsThatAreNoNumbersAreRefused() {
        var draw = new TokenDraw(1, 0, 1);
        var error =
                assertThrows(
                        DivergedException.class,
                        () -> draw.draw(new float[] {0, Float.NaN}, new SplittableRandom(1)));
        assertTrue(error.getMessage().contains("NaN"), error.getMessage());
    }
}
