package org.lowrank.task.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.config.Json;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.instruction.MathSet;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.score.FewShot;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.LoadOptions;
import org.lowrank.task.Part;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.task.TinyLlama;

/** The test of GSM8K as lm-evaluation-harness asks it, on made-up rows and a small decoder. */
@Isolated
class HarnessTestTest {

    private static final int TRAIN = 9;
    private static final int TEST = 6;

    @TempDir private Path root;

    @BeforeEach
    void files() throws IOException {
        TinyLlama.write(root.resolve("model"));
        var config = root.resolve("model").resolve("config.json");
        var text = Files.readString(config);
        assertTrue(text.contains(": 128"), text);
        Files.writeString(config, text.replace(": 128", ": 1024"));
        Files.createDirectories(root.resolve("gsm8k"));
        Files.writeString(root.resolve("gsm8k/train.jsonl"), rows(TRAIN, 2));
        Files.writeString(root.resolve("gsm8k/test.jsonl"), rows(TEST, 30));
        Files.createDirectories(root.resolve("metamath"));
        var file = PaperSet.META_MATH.path();
        Files.copy(Path.of("..", "datasets", "samples").resolve(file), root.resolve(file));
        System.setProperty("lowrank.data", root.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("lowrank.data");
    }

    private static String question(int i, int plus) {
        return i + "+" + plus + "?";
    }

    private static String solution(int i, int plus) {
        return i + "+" + plus + "=" + (i + plus) + "\n#### " + (i + plus);
    }

    private static String rows(int count, int plus) {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(
                            Json.line(
                                    Map.of(
                                            "question",
                                            question(i, plus),
                                            "answer",
                                            solution(i, plus))))
                    .append('\n');
        }
        return lines.toString();
    }

    private static List<String> prompts(int shots) {
        var train = new ArrayList<FewShot.Worked>();
        for (int i = 0; i < TRAIN; i++) {
            train.add(new FewShot.Worked(question(i, 2), solution(i, 2)));
        }
        var asked = new ArrayList<String>();
        for (int i = 0; i < TEST; i++) {
            asked.add(question(i, 30));
        }
        return FewShot.prompts(train, asked, shots);
    }

    private static TaskConfig task(String name, int testRows, Map<String, Object> options) {
        return new TaskConfig(name, 0, 1, testRows, 400, 1L, null, options);
    }

    private static TaskConfig metaMath(String tested, int testRows) {
        return task("paper/metamath", testRows, Map.of("tested", tested, "new_tokens", 12));
    }

    private interface Reading<T> {
        T of(OpenInstructions open);
    }

    private <T> T with(TaskConfig config, Reading<T> reading) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var open =
                        (OpenInstructions)
                                Tasks.of(config)
                                        .open(
                                                config,
                                                new TaskContext(
                                                        root.resolve("model").toString(),
                                                        LoadOptions.PLAIN,
                                                        1,
                                                        3,
                                                        manager))) {
            return reading.of(open);
        }
    }

    private List<String> asked(TaskConfig config) throws IOException {
        return with(
                config,
                open -> open.records(Part.TEST).stream().map(Instruction::instruction).toList());
    }

    @Test
    void theTestIsAskedAsTheHarnessDoesAndTheTrainingStaysAsItIs() throws IOException {
        var config = metaMath("five_shot", 0);
        assertEquals(prompts(5), asked(config));
        var plain = metaMath("as_trained", 0);
        assertEquals("0+30?", asked(plain).get(0));
        assertEquals(
                with(plain, OpenInstructions::example), with(config, OpenInstructions::example));
        assertTrue(with(config, OpenInstructions::example).contains("### Instruction:"));
        for (var part : List.of(Part.TRAIN, Part.VALIDATION)) {
            List<OpenInstructions.Said> before = with(plain, open -> open.said(part, false));
            List<OpenInstructions.Said> after = with(config, open -> open.said(part, false));
            assertEquals(before, after);
        }
    }

    @Test
    void theRecordSaysHowItWasAsked() throws IOException {
        var facts = with(metaMath("five_shot", 0), OpenInstructions::facts);
        assertEquals(5, facts.get("worked_examples"));
        assertEquals(TEST, facts.get("test_rows"));
        assertEquals(TEST, ((Map<?, ?>) facts.get("test")).get("samples"));
        for (var file : List.of("gsm8k/train.jsonl", "gsm8k/test.jsonl")) {
            assertTrue(facts.containsKey(file + " sha256"), facts.toString());
        }
        var plain = with(metaMath("as_trained", 0), OpenInstructions::facts);
        assertFalse(plain.containsKey("worked_examples"));
        assertFalse(plain.containsKey("gsm8k/train.jsonl sha256"));
    }

    @Test
    void aSampleOfTheTestHasTheExamplesThatTheWholeTestHas() throws IOException {
        var few = asked(metaMath("five_shot", 3));
        assertEquals(3, few.size());
        assertTrue(prompts(5).containsAll(few));
        var plain = asked(metaMath("as_trained", 3));
        for (int i = 0; i < few.size(); i++) {
            assertTrue(few.get(i).endsWith("Question: " + plain.get(i) + "\nAnswer:"), few.get(i));
        }
    }

    @Test
    void answersEndWhereTheHarnessEndsThemAndAreJudgedByItsRule() throws IOException {
        var scores =
                with(
                        metaMath("five_shot", 0),
                        open -> {
                            var said = open.predict(Part.TEST);
                            for (var one : said) {
                                FewShot.STOPS.forEach(
                                        stop -> assertFalse(one.text().contains(stop)));
                            }
                            return open.score(Part.TEST, said);
                        });
        assertTrue(scores.containsKey("strict_match"), scores.toString());
        assertTrue(scores.get("answer_nll") > 0);
    }

    @Test
    void gsm8kItselfCanBeTrainedOnAndAskedSoWithAnyNumberOfExamples() throws IOException {
        for (int shots : new int[] {0, 2}) {
            assertEquals(
                    prompts(shots),
                    asked(task("few_shot/gsm8k", 0, Map.of("shots", shots, "new_tokens", 4))));
        }
        var unset = Tasks.complete(new TaskConfig("few_shot/gsm8k", 0, 0, 0, 511, 1L)).options();
        assertEquals(5, unset.get("shots"));
        assertEquals(256, unset.get("new_tokens"));
        assertEquals("AS_PUBLISHED", unset.get("judged"));
    }

    @Test
    void theFilesThatItReadsAreNamedBeforeTheyAreThere() {
        var metaMath = PaperSet.META_MATH.file();
        var test = MathSet.GSM8K_TEST.file();
        var train = MathSet.GSM8K_TRAIN.file();
        assertEquals(new NeededFile("gsm8k/test.jsonl", "gsm8k"), test);
        assertEquals(List.of(metaMath, test), Tasks.of(metaMath("as_trained", 0)).files());
        assertEquals(List.of(metaMath, test, train), Tasks.of(metaMath("five_shot", 0)).files());
        assertEquals(List.of(train, test), Tasks.of(task("few_shot/gsm8k", 0, Map.of())).files());
        assertEquals(
                List.of(PaperSet.WIZARD_LM.file()),
                Tasks.of(task("paper/wizardlm", 0, Map.of())).files());
    }

    @Test
    void examplesThatDoNotFitIntoTheModelAreRefused() {
        var config =
                new TaskConfig(
                        "few_shot/gsm8k",
                        0,
                        1,
                        0,
                        60,
                        1L,
                        null,
                        Map.of("shots", TRAIN, "new_tokens", 900));
        var error = assertThrows(IllegalArgumentException.class, () -> asked(config));
        assertTrue(
                error.getMessage().contains("behind which 900 are to be written"),
                error.getMessage());
    }

    @Test
    void onlyATaskTestedOnGsm8kHasTheChoice() {
        assertTrue(Tasks.complete(metaMath("five_shot", 0)).options().containsKey("tested"));
        for (var other : List.of("paper/codefeedback", "math/gsm8k")) {
            var complete = Tasks.complete(new TaskConfig(other, 0, 0, 0, 56, 1L));
            assertFalse(complete.options().containsKey("tested"), other);
        }
    }
}
