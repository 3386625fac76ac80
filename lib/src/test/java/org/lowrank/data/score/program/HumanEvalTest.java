package org.lowrank.data.score.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hipparchus.fraction.BigFraction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.score.program.HumanEval.Problem;
import org.lowrank.data.score.program.HumanEval.Sample;
import org.lowrank.golden.GoldenFiles;

class HumanEvalTest {

    private static final String CASE = "cases/38-humaneval-programs/";

    @Test
    void theCasesOfPublicReports() throws Exception {
        var problems = HumanEval.problems(GoldenFiles.path(CASE + "problems.jsonl"));
        var samples = HumanEval.samples(GoldenFiles.path(CASE + "samples.jsonl"));
        var expected = Json.mapper().readTree(GoldenFiles.path(CASE + "expected.json").toFile());
        var runner = ProgramRunnerTest.runner();
        var judged = HumanEval.judge(problems, samples, CompletionForm.AS_WRITTEN, runner, 4);
        var byName = new HashMap<String, Sample>();
        for (var i = 0; i < judged.size(); i++) {
            var one = expected.get("cases").get(i);
            var verdict = judged.get(i).verdict();
            byName.put(one.get("name").asText(), samples.get(i));
            assertEquals(
                    one.get("verdict_of_the_original_scoring").asText(),
                    verdict.result().toString(),
                    one + " " + verdict);
            var said = one.get("python_said").asText();
            assertTrue(verdict.said().startsWith(said.split(":")[0]), one + " " + verdict);
        }
        for (var name : List.of("fenced_whole_function", "fence_not_closed")) {
            assertPasses(problems, byName.get(name), CompletionForm.FENCED, runner);
        }
        assertPasses(problems, byName.get("text_after"), CompletionForm.CUT_AFTER_FUNCTION, runner);
        assertEquals(List.of(), ProgramRunnerTest.leftProcesses());
    }

    private static void assertPasses(
            List<Problem> problems, Sample sample, CompletionForm form, ProgramRunner runner)
            throws Exception {
        var judged = HumanEval.judge(problems, List.of(sample), form, runner, 1);
        assertTrue(judged.get(0).verdict().passed(), judged.toString());
    }

    @Test
    void someCanonicalSolutionsPass() throws Exception {
        var problems = HumanEval.problems(GoldenFiles.path("data/humaneval/HumanEval.jsonl.gz"));
        assertEquals(164, problems.size());
        canonicalSolutionsPass(IntStream.range(0, 12).mapToObj(i -> problems.get(i * 14)).toList());
    }

    @Test
    @Tag("soak")
    void allCanonicalSolutionsPass() throws Exception {
        canonicalSolutionsPass(
                HumanEval.problems(GoldenFiles.path("data/humaneval/HumanEval.jsonl.gz")));
    }

    private static void canonicalSolutionsPass(List<Problem> problems) throws Exception {
        ProgramRunnerTest.runner();
        var runner = ProgramRunner.open(true, ProgramLimits.DEFAULT.withSeconds(20));
        var samples =
                problems.stream().map(p -> new Sample(p.taskId(), p.canonicalSolution())).toList();
        var judged = HumanEval.judge(problems, samples, CompletionForm.AS_WRITTEN, runner, 2);
        for (var one : judged) {
            assertTrue(one.verdict().passed(), one.sample().taskId() + " " + one.verdict());
        }
        var counts = HumanEval.counts(problems, judged);
        assertEquals(Optional.of(BigFraction.ONE), PassAtK.mean(counts, 1).value());
    }

    @Test
    void faultsOfAFileAreNamed(@TempDir Path folder) throws IOException {
        var file = folder.resolve("samples.jsonl");
        Files.writeString(
                file, "{\"task_id\": \"a\", \"completion\": \"b\"}\n\n{\"task_id\": \"a\"}\n");
        var refusal = assertThrows(DataFormatException.class, () -> HumanEval.samples(file));
        assertTrue(refusal.getMessage().contains("line 3: completion is missing"));
        Files.writeString(file, "{\"task_id\": ");
        assertThrows(DataFormatException.class, () -> HumanEval.samples(file));
        var lost =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                HumanEval.judge(
                                        List.of(),
                                        List.of(new Sample("HumanEval/999", "")),
                                        CompletionForm.AS_WRITTEN,
                                        ProgramRunnerTest.runner(),
                                        1));
        assertTrue(lost.getMessage().contains("HumanEval/999"));
    }
}
