package org.lowrank.data.score.program;

import static org.lowrank.data.score.SetFile.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.data.score.SetFile;

/** HumanEval's problems and samples in OpenAI's file format, and the verdicts on the samples. */
public final class HumanEval {

    private HumanEval() {}

    /**
     * One problem.
     *
     * @param prompt imports, the function's head and its docstring
     * @param entryPoint the function's name
     * @param test defines {@code check(candidate)}
     * @param canonicalSolution a body that is right; empty if the file has none
     */
    public record Problem(
            String taskId,
            String prompt,
            String entryPoint,
            String test,
            String canonicalSolution) {

        /** The module that is run: prompt, completion, tests, and the call of the tests. */
        public String program(String completion, CompletionForm form) {
            var written = prompt + form.behindPrompt(completion);
            return written + "\n" + test + "\ncheck(" + entryPoint + ")";
        }
    }

    /** What a model wrote for a problem. */
    public record Sample(String taskId, String completion) {}

    /** A sample with its verdict. */
    public record Judged(Sample sample, ProgramVerdict verdict) {}

    /** Reads {@code HumanEval.jsonl.gz} or a file like it. */
    public static List<Problem> problems(Path file) throws IOException {
        return SetFile.read(
                file,
                record ->
                        new Problem(
                                text(record, "task_id"),
                                text(record, "prompt"),
                                text(record, "entry_point"),
                                text(record, "test"),
                                record.path("canonical_solution").asText("")));
    }

    /** Reads {@code samples.jsonl}: {@code task_id} and {@code completion}. */
    public static List<Sample> samples(Path file) throws IOException {
        return SetFile.read(
                file, record -> new Sample(text(record, "task_id"), text(record, "completion")));
    }

    /**
     * Runs every sample.
     *
     * @throws IllegalArgumentException if a sample names a problem that there is not
     */
    public static List<Judged> judge(
            List<Problem> problems,
            List<Sample> samples,
            CompletionForm form,
            ProgramRunner runner,
            int atOnce)
            throws IOException, InterruptedException {
        var byId = new LinkedHashMap<String, Problem>();
        problems.forEach(problem -> byId.put(problem.taskId, problem));
        var programs = new ArrayList<String>();
        for (var sample : samples) {
            var problem = byId.get(sample.taskId);
            if (problem == null) {
                throw new IllegalArgumentException(
                        "a sample for " + sample.taskId + ", which is no problem of this set");
            }
            programs.add(problem.program(sample.completion, form));
        }
        var verdicts = runner.run(programs, atOnce);
        var judged = new ArrayList<Judged>();
        for (var i = 0; i < verdicts.size(); i++) {
            judged.add(new Judged(samples.get(i), verdicts.get(i)));
        }
        return judged;
    }

    /** Samples and passes of each problem, in the set's order; a problem without samples has 0. */
    public static List<PassAtK.Count> counts(List<Problem> problems, List<Judged> judged) {
        var samples = new LinkedHashMap<String, int[]>();
        problems.forEach(problem -> samples.put(problem.taskId, new int[2]));
        for (var one : judged) {
            var count = samples.get(one.sample.taskId);
            count[0]++;
            count[1] += one.verdict.passed() ? 1 : 0;
        }
        var counts = new ArrayList<PassAtK.Count>();
        samples.forEach((id, count) -> counts.add(new PassAtK.Count(id, count[0], count[1])));
        return counts;
    }
}
