package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.score.AnswerLikelihood;
import org.lowrank.model.LoadOptions;
import org.lowrank.task.Part;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.TinyLlama;

/** What a small decoder is asked with examples before each question. */
class WorkedExamplesTest {

    @TempDir private Path root;

    @BeforeEach
    void files() throws IOException {
        TinyLlama.write(root.resolve("model"));
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            var record = Map.of("prompt", i % 8 + "+" + i / 8, "completion", "" + (i % 8 + i / 8));
            lines.append(Json.line(record)).append("\n");
        }
        // too long to be asked or shown
        lines.append(Json.line(Map.of("prompt", "1+".repeat(40) + "0", "completion", "40")));
        Files.writeString(root.resolve("train.jsonl"), lines);
    }

    private InstructionTuning asked(String prompt) {
        return InstructionTuning.on(
                new InstructionFiles(
                        root.resolve("train.jsonl").toString(),
                        "",
                        "",
                        InstructionFiles.Broken.REFUSE),
                prompt);
    }

    private static final TaskConfig CONFIG = new TaskConfig("sums", 0, 8, 0, 24, 1L);

    /** Opened, read by someone, closed. */
    private <T> T with(Task task, long seed, Reading<T> reading) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var open =
                        (OpenInstructions)
                                task.open(
                                        CONFIG,
                                        new TaskContext(
                                                root.resolve("model").toString(),
                                                LoadOptions.PLAIN,
                                                4,
                                                seed,
                                                manager))) {
            return reading.of(open);
        }
    }

    private interface Reading<T> {
        T of(OpenInstructions open);
    }

    private List<Instruction> test(int shots, long seed) throws IOException {
        return with(
                new WorkedExamples(asked("question"), shots),
                seed,
                open -> open.records(Part.TEST));
    }

    @Test
    void everyQuestionOfTheTaskComesAfterTrainingRowsWithTheirAnswers() throws IOException {
        var plain = with(asked("question"), 5, open -> open.records(Part.TEST));
        var trained =
                new HashSet<>(
                        with(asked("question"), 5, open -> open.records(Part.TRAIN)).stream()
                                .map(
                                        r ->
                                                "Question: "
                                                        + r.instruction()
                                                        + "\nAnswer: "
                                                        + r.answer())
                                .toList());
        var shown = test(3, 5);
        assertEquals(plain.size(), shown.size());
        var firsts = new HashSet<String>();
        for (int i = 0; i < plain.size(); i++) {
            var parts = new ArrayList<>(List.of(shown.get(i).instruction().split("\n\n")));
            assertEquals(4, parts.size());
            assertEquals("Question: " + plain.get(i).instruction() + "\nAnswer:", parts.remove(3));
            assertEquals(3, new HashSet<>(parts).size(), "no example twice");
            assertTrue(trained.containsAll(parts), parts.toString());
            assertEquals(plain.get(i).answer(), shown.get(i).answer());
            assertEquals(plain.get(i).line(), shown.get(i).line());
            firsts.add(parts.get(0));
        }
        assertTrue(firsts.size() > 1, "each question has examples of its own");
    }

    @Test
    void examplesAreThoseOfTheSeed() throws IOException {
        assertEquals(test(2, 5), test(2, 5));
        assertNotEquals(test(2, 5), test(2, 6));
    }

    @Test
    void theSameTokensOfTheAnswersAreScoredWithAndWithoutExamples() throws IOException {
        var plain = with(asked("question"), 5, open -> open.said(Part.TEST, false));
        var none = with(new WorkedExamples(asked("question"), 0), 5, o -> o.said(Part.TEST, false));
        var shown = with(new WorkedExamples(asked("question"), 3), 5, o -> o.said(Part.TEST, true));
        assertEquals(plain, none);
        for (int i = 0; i < plain.size(); i++) {
            AnswerLikelihood.Row with = shown.get(i).likelihood();
            assertEquals(plain.get(i).likelihood().tokens(), with.tokens());
            assertNotEquals(plain.get(i).likelihood().nll(), with.nll());
            assertTrue(!shown.get(i).text().contains("Question:"), shown.get(i).text());
        }
    }

    @Test
    void whatCannotBeAskedSoIsRefused() {
        var problems = new Problems("");
        new WorkedExamples(asked("chat"), 4).check(CONFIG, problems);
        assertTrue(problems.list().toString().contains("task.options.prompt is chat"));
        var error = assertThrows(IllegalArgumentException.class, () -> test(64, 5));
        assertTrue(error.getMessage().contains("asks for 64 examples, there are"));
    }

    @Test
    void whatDoesNotFitIntoTheModelWithExamplesIsRefused() {
        var plain = asked("question");
        var writing =
                new InstructionTuning(
                        plain.source(),
                        plain.prompt(),
                        plain.loss(),
                        plain.tooLong(),
                        false,
                        false,
                        InstructionTuning.Judged.BY_TEXT,
                        100);
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> with(new WorkedExamples(writing, 3), 5, o -> o.records(Part.TEST)));
        assertTrue(
                error.getMessage().contains("behind which 100 are to be written"),
                error.getMessage());
    }
}
