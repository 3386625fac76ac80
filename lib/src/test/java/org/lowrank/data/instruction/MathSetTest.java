package org.lowrank.data.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.data.score.Arithmetic;
import org.lowrank.data.score.WrittenNumber;
import org.lowrank.golden.GoldenFiles;

/** The published sets of word problems: rows, calculations, and the questions that they share. */
class MathSetTest {

    private static List<MathQuestion> read(MathSet set) throws IOException {
        return set.read(GoldenFiles.path("data/" + set.path()));
    }

    @ParameterizedTest
    @CsvSource({
        "GSM8K_TRAIN, 7473, 0",
        "GSM8K_TEST, 1319, 0",
        "SVAMP, 1000, 1000",
        "MAWPS_ASDIV_A, 3138, 3138",
        "MAWPS_TRAIN, 1898, 1859",
        "MAWPS_VALIDATION, 237, 0",
        "MAWPS_TEST, 238, 0",
        "ADD_SUB, 395, 0",
        "MULTI_ARITH, 600, 0",
        "SINGLE_EQ, 508, 0",
        "MATH_DATA, 3260, 0"
    })
    void everyRecordIsReadAndItsCalculationGivesItsAnswer(MathSet set, int rows, int calculations)
            throws IOException {
        var questions = read(set);
        assertEquals(rows, questions.size());
        var calculated = questions.stream().filter(q -> !q.expression().isEmpty()).toList();
        assertTrue(calculated.size() >= calculations - 30, calculated.size() + " calculations");
        int right = 0;
        for (var question : calculated) {
            var value = Arithmetic.value(question.expression()).value();
            var answer = WrittenNumber.of(question.answer());
            right +=
                    value.isPresent()
                                    && answer.isPresent()
                                    && Math.abs(
                                                    value.get().doubleValue()
                                                            - answer.get().doubleValue())
                                            < 1e-2
                            ? 1
                            : 0;
        }
        assertTrue(right >= 0.98 * calculated.size(), right + " of " + calculated.size());
        System.out.println(
                set
                        + ": "
                        + rows
                        + " rows, "
                        + calculated.size()
                        + " calculations, "
                        + right
                        + " right");
    }

    @ParameterizedTest
    @CsvSource({
        "MATH_DATA, SVAMP, 800",
        "MATH_DATA, MAWPS_TEST, 131",
        "MATH_DATA, ADD_SUB, 330",
        "MATH_DATA, MULTI_ARITH, 491",
        "MATH_DATA, SINGLE_EQ, 425",
        "MAWPS_ASDIV_A, MAWPS_TEST, 193",
        "MAWPS_ASDIV_A, SVAMP, 0",
        "MAWPS_TRAIN, MAWPS_TEST, 28",
        "MAWPS_TRAIN, SVAMP, 0"
    })
    void questionsOfATestThatStandInTheTrainingFileAreFound(MathSet train, MathSet test, int count)
            throws IOException {
        var shared = InstructionFile.shared(worked(train), worked(test));
        assertEquals(count, shared.size());
    }

    private static List<Instruction> worked(MathSet set) throws IOException {
        return read(set).stream().map(MathQuestion::worked).toList();
    }

    @Test
    void aCalculationLosesWhatDoesNotCalculate() {
        assertEquals("(22-14)/4", MathSet.expression("X=((22.0-14.0)/4.0)"));
        assertEquals("76-25", MathSet.expression("( 76.0 - 25.0 )"));
        assertEquals("(1+2)*(3+4)", MathSet.expression("x=((1+2)*(3+4))"));
        assertEquals("1.05*10.10", MathSet.expression("1.05*10.10"));
        assertEquals("", MathSet.expression("X-6=52"));
        var question = new MathQuestion(1, "How many?", "", "12-5", "7");
        assertEquals("12-5=7", question.calculated().answer());
    }

    @Test
    void aRecordThatIsNotOfTheSetIsNamed(@TempDir Path folder) throws IOException {
        var file =
                Files.writeString(
                        folder.resolve("t.json"),
                        Stream.of(
                                        "{\"original_text\": \"a\", \"equation\": \"x=1.0\", \"ans\": 1.0}",
                                        "{\"original_text\": \"a\", \"equation\": \"x=1.0\", \"ans\": \"many\"}",
                                        "{\"original_text\": \"a\", \"ans\": 1}")
                                .reduce((a, b) -> a + ",\n" + b)
                                .map(all -> "[" + all + "]")
                                .orElseThrow());
        var error = assertThrows(DataFaultsException.class, () -> MathSet.MAWPS_TRAIN.read(file));
        assertEquals(2, error.faults().size());
        assertTrue(error.faults().get(0).startsWith("line 2: the answer is no number"));
        assertTrue(error.faults().get(1).startsWith("line 3: no equation"));
    }
}
