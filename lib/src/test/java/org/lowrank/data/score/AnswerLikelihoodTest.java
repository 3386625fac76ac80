package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lowrank.data.score.AnswerLikelihood.Row;

class AnswerLikelihoodTest {

    @Test
    void weighsTokensNotRows() {
        var score = AnswerLikelihood.of(List.of(new Row(6, 2), new Row(2, 6)));
        assertEquals(1.0, score.perToken());
        assertEquals(Math.E, score.perplexity());
        assertEquals(8, score.tokens());
        var uniform = AnswerLikelihood.of(List.of(new Row(5 * Math.log(512), 5)));
        assertEquals(512, uniform.perplexity(), 1e-9);
    }

    @Test
    void refusesRowsThatSayNothing() {
        assertThrows(IllegalArgumentException.class, () -> AnswerLikelihood.of(List.of()));
        for (var bad : List.of(new Row(1, 0), new Row(Double.NaN, 1), new Row(-1, 1))) {
            var refusal =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> AnswerLikelihood.of(List.of(new Row(1, 1), bad)));
            assertTrue(refusal.getMessage().startsWith("row 1"), refusal.getMessage());
        }
    }
}
