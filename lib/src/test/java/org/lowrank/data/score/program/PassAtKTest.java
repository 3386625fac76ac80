package org.lowrank.data.score.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hipparchus.fraction.BigFraction;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.data.score.Arithmetic;
import org.lowrank.data.score.program.PassAtK.Count;
import org.lowrank.golden.GoldenFiles;

class PassAtKTest {

    @Test
    void theCasesOfPublicReports() throws Exception {
        var file = GoldenFiles.path("cases/39-pass-at-k/expected.json");
        var expected = Json.mapper().readTree(file.toFile());
        for (var one : expected.get("cases")) {
            var said = PassAtK.of(count("p", one), one.get("k").asInt());
            assertEquals(fraction(one.get("pass_at_k")), said.value(), one + " " + said);
        }
        var set = new ArrayList<Count>();
        for (var problem : expected.get("set").get("problems")) {
            set.add(count("p" + set.size(), problem));
        }
        assertEquals(fraction(expected.get("set").get("pass@1")), PassAtK.mean(set, 1).value());
        assertEquals("pass@5 needs 5 samples, p2 has 4", PassAtK.mean(set, 5).reason());
        assertTrue(PassAtK.mean(set, 5).value().isEmpty());

        var greedy = new ArrayList<Count>();
        for (var i = 0; i < 164; i++) {
            greedy.add(new Count("HumanEval/" + i, 1, i < 50 ? 1 : 0));
        }
        assertEquals(Optional.of(new BigFraction(50, 164)), PassAtK.mean(greedy, 1).value());
        assertTrue(PassAtK.mean(greedy, 10).value().isEmpty());
    }

    @Test
    void equalsTheShareOfAllChoicesThatHoldAPass() {
        var n = 6;
        var c = 2;
        for (var k = 1; k <= n; k++) {
            var choices = 0;
            var good = 0;
            for (var mask = 0; mask < 1 << n; mask++) {
                if (Integer.bitCount(mask) == k) {
                    choices++;
                    good += (mask & (1 << c) - 1) != 0 ? 1 : 0;
                }
            }
            assertEquals(
                    Optional.of(new BigFraction(good, choices)),
                    PassAtK.of(new Count("p", n, c), k).value());
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Count("p", 2, 3));
        assertThrows(IllegalArgumentException.class, () -> PassAtK.of(new Count("p", 2, 1), 0));
        assertTrue(PassAtK.mean(List.of(), 1).value().isEmpty());
    }

    private static Count count(String name, JsonNode node) {
        return new Count(name, node.get("n").asInt(), node.get("c").asInt());
    }

    private static Optional<BigFraction> fraction(JsonNode node) {
        return node.isNull() ? Optional.empty() : Arithmetic.value(node.asText()).value();
    }
}
