package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.fraction.BigFraction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

class ArithmeticTest {

    @ParameterizedTest
    @CsvSource({
        "7+5, 12, 1",
        "1/3+1/6, 1, 2",
        "(1/3)*3, 1, 1",
        "2*(3-(4-5)), 8, 1",
        "-2*-3, 6, 1",
        "12\u00F74\u00D72, 6, 1",
        "10-4-3, 3, 1",
        "8/4/2, 1, 1",
        "50%, 1, 2",
        "0.1+0.2, 3, 10",
        "y = 7 + 5 =, 12, 1",
        "7., 7, 1"
    })
    void isExact(String text, long numerator, long denominator) {
        assertEquals(
                new BigFraction(numerator, denominator),
                Arithmetic.value(text).value().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2(3)",
                "1,23",
                "3 4",
                "()",
                "7+5=12",
                "x",
                "1_000",
                "0x10",
                "1//2",
                "!2",
                "$",
                "1..2",
                "(1",
                "1)",
                "%5",
                "T(1)",
                "1;2",
                "\u0663+1",
                "==5",
                "x=y=5",
                "1e5",
                "2^3"
            })
    void whatIsNoArithmeticHasNoValueButAReason(String text) {
        var outcome = Arithmetic.value(text);
        assertTrue(outcome.value().isEmpty(), () -> outcome.toString());
        assertFalse(outcome.reason().isEmpty());
    }

    @Test
    void longAndDeepTextsAreRefusedAtOnce() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> {
                    assertTrue(Arithmetic.value("(".repeat(500) + "1").reason().contains("100"));
                    assertTrue(Arithmetic.value("9".repeat(1001)).reason().contains("1001"));
                    assertTrue(Arithmetic.value("-".repeat(999) + "1").value().isPresent());
                    assertTrue(Arithmetic.value("1/7+".repeat(249) + "1").value().isPresent());
                });
    }

    @Test
    void theCasesOfPublicReports() throws Exception {
        for (var expected : cases("37-expressions")) {
            var said = Arithmetic.value(text(expected.get("text")));
            var value = expected.get("value");
            if (value.isNull()) {
                assertTrue(said.value().isEmpty(), expected + " -> " + said);
            } else if (value.asText().startsWith("either 5 or refused")) {
                assertTrue(said.value().map(v -> v.equals(new BigFraction(5))).orElse(true));
            } else {
                assertEquals(Arithmetic.value(value.asText()).value(), said.value(), "" + expected);
            }
        }
        assertFalse(Files.exists(Path.of("HURT")));
    }

    /** One item of the published file contradicts itself: 4 - 2 + 3 apples are said to be 1. */
    @Test
    void theEquationsOfSvampGiveItsAnswers() throws Exception {
        var set = Json.mapper().readTree(GoldenFiles.path("data/math/SVAMP/SVAMP.json").toFile());
        var wrong = new ArrayList<String>();
        for (var item : set) {
            var value = Arithmetic.value(item.get("Equation").asText()).value().orElseThrow();
            if (Math.abs(item.get("Answer").asDouble() - value.doubleValue()) > 0.01) {
                wrong.add(item.get("ID").asText());
            }
        }
        assertEquals(1000, set.size());
        assertEquals(List.of("chal-680"), wrong);
    }

    static JsonNode cases(String name) throws Exception {
        var file = GoldenFiles.path("cases/" + name + "/expected.json");
        return Json.mapper().readTree(file.toFile()).get("cases");
    }

    private static String text(JsonNode node) {
        return node.isTextual()
                ? node.asText()
                : node.get("repeat").asText().repeat(node.get("times").asInt())
                        + node.get("then").asText()
                        + node.get("and").asText().repeat(node.get("times").asInt());
    }
}
