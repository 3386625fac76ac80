package org.lowrank.data.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hipparchus.fraction.BigFraction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.config.Json;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.score.AnswerRule.Verdict;
import org.lowrank.data.source.DataRoot;
import org.lowrank.golden.GoldenFiles;

class AnswerRuleTest {

    @Test
    void theCasesOfPublicReports() throws Exception {
        for (var expected : ArithmeticTest.cases("36-gsm8k-numbers")) {
            var text = expected.get("text").asText();
            var gold = expected.get("gold").asText();
            assertEquals(number(expected.get("right_number")), WrittenNumber.of(text), text);
            assertEquals(
                    verdict(expected.get("counts_as_right")),
                    AnswerRule.NUMBER.of(text, gold),
                    text);
            check(expected, "strict", AnswerRule.STRICT_MATCH);
            check(expected, "flexible", AnswerRule.FLEXIBLE_EXTRACT);
        }
    }

    private static void check(JsonNode expected, String filter, AnswerRule rule) {
        var said = rule.of(expected.get("text").asText(), expected.get("gold").asText());
        var right = expected.get("lm_eval_" + filter + "_match").asBoolean();
        assertEquals(right, said == Verdict.RIGHT, rule + " " + expected);
        var none = expected.get("lm_eval_" + filter).isNull();
        assertEquals(none, said == Verdict.NO_ANSWER, rule + " " + expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "#### -$12 | -12",
                "#### $-12 | -12",
                "#### 1 1/2 miles | 3/2",
                "#### \u22125 | -5",
                "so 5 -3 | 3",
                "It is .5 | 1/2",
                "#### 7 or so #### 9 | 7",
                "x2 and GPT4 | ",
                "#### about ten | ",
                "5/0 | ",
                "3 (4), | 4",
                "1,234,567 | 1234567",
                "a = 10% | 10"
            })
    void numbersAsACarefulReaderTakesThem(String text, String value) {
        assertEquals(
                value == null ? Optional.empty() : Arithmetic.value(value).value(),
                WrittenNumber.of(text));
    }

    @ParameterizedTest
    @CsvSource({
        "LORA_PRO, '####18 or 19', '#### 18', RIGHT",
        "LORA_PRO, '#### 70', '#### 70,000', RIGHT",
        "LORA_PRO, '#### -5', '#### 5', NO_ANSWER",
        "LORA_PRO, 'The answer is 18', '#### 18', NO_ANSWER",
        "LORA_PRO, '#### $18', '#### 18', NO_ANSWER",
        "LAST_NUMBER, 'The answer is 9.', 9.0, RIGHT",
        "LAST_NUMBER, '5-3', '-3', RIGHT",
        "LAST_NUMBER, '1,000.0004', 1000, RIGHT",
        "LAST_NUMBER, '1.83', 1.8333333333333335, WRONG",
        "LAST_NUMBER, none, 1, NO_ANSWER",
        "EXPRESSION, '31*41=1233', 1271, RIGHT",
        "EXPRESSION, 'x=(22.0-14.0)/4.0', 2.0, RIGHT",
        "EXPRESSION, '3-1.1666666666666667=2', 1.8333333333333335, RIGHT",
        "EXPRESSION, '7+5=12', 13, WRONG",
        "EXPRESSION, 'seven', 7, NO_ANSWER",
        "EXPRESSION, '11*11', 1.21E2, RIGHT",
        "LAST_NUMBER, '121', 1.21E2, RIGHT",
    })
    void publishedRulesToTheLetter(AnswerRule rule, String said, String gold, Verdict verdict) {
        assertEquals(verdict, rule.of(said, gold));
    }

    @ParameterizedTest
    @EnumSource(names = {"LORA_PRO", "STRICT_MATCH", "FLEXIBLE_EXTRACT", "NUMBER"})
    void referenceAnswersOfGsm8kAreAllRight(AnswerRule rule) throws Exception {
        for (var split : List.of("test", "train")) {
            var answers = new ArrayList<String>();
            for (var line :
                    Files.readAllLines(GoldenFiles.path("data/gsm8k/" + split + ".jsonl"))) {
                answers.add(Json.mapper().readTree(line).get("answer").asText());
            }
            assertEquals(
                    new AnswerScore(answers.size(), 0, 0), AnswerScore.of(rule, answers, answers));
        }
    }

    @ParameterizedTest
    @CsvSource({"AddSub, 395, 0", "MultiArith, 600, 0", "SingleEq, 508, 0"})
    void workedAnswersOfLlmAdaptersSets(String set, int rows, int odd) throws Exception {
        var file = GoldenFiles.path("data/math/LLM-Adapters/" + set + "_test.json");
        var said = new ArrayList<String>();
        var gold = new ArrayList<String>();
        for (var item : Json.mapper().readTree(file.toFile())) {
            said.add("The answer is " + item.get("answer").asText() + ".");
            gold.add(item.get("answer").asText());
        }
        assertEquals(
                new AnswerScore(rows - odd, odd, 0),
                AnswerScore.of(AnswerRule.LAST_NUMBER, said, gold));
    }

    /**
     * What a model is taught to write, for every item that has a calculation. The others are faults
     * of the sets: answers that are rounded, or that their own equation contradicts; no model can
     * reach 100 % there.
     */
    @ParameterizedTest
    @CsvSource({
        "SVAMP, 999, 1",
        "MAWPS_ASDIV_A, 3126, 12",
        "MAWPS_TRAIN, 1842, 40",
        "MAWPS_TEST, 235, 2"
    })
    void calculationsOfTheSetsAreRight(MathSet set, int right, int wrong) throws Exception {
        var questions = set.read(new DataRoot(GoldenFiles.path("data")));
        var said = new ArrayList<String>();
        var gold = new ArrayList<String>();
        for (var question : questions) {
            assertFalse(question.answer().contains("E"), question.toString());
            if (!question.expression().isEmpty()) {
                said.add(question.calculated().answer());
                gold.add(question.answer());
            }
        }
        var score = AnswerScore.of(AnswerRule.EXPRESSION, said, gold);
        assertEquals(new AnswerScore(right, wrong, 0), score);
    }

    @Test
    void answersWithoutAValueAreCountedApartAndAsWrong() {
        var score =
                AnswerScore.of(
                        AnswerRule.NUMBER,
                        List.of("5", "6", "?", "x"),
                        List.of("5", "5", "5", "5"));
        assertEquals(new AnswerScore(1, 1, 2), score);
        assertEquals(0.25, score.accuracy());
        var refusal =
                assertThrows(
                        IllegalArgumentException.class, () -> AnswerRule.NUMBER.of("5", "five"));
        assertTrue(refusal.getMessage().contains("five"));
    }

    private static Optional<BigFraction> number(JsonNode node) {
        return node.isNull() ? Optional.empty() : Arithmetic.value(node.asText()).value();
    }

    private static Verdict verdict(JsonNode right) {
        return right.isNull() ? Verdict.NO_ANSWER : Verdict.of(right.asBoolean());
    }
}
