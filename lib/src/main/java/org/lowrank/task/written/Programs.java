package org.lowrank.task.written;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lowrank.config.Json;
import org.lowrank.data.instruction.Instruction;
import org.lowrank.data.score.program.CompletionForm;
import org.lowrank.data.score.program.HumanEval;
import org.lowrank.data.score.program.PassAtK;
import org.lowrank.data.score.program.ProgramRunner;
import org.lowrank.data.source.DataRoot;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.task.written.WrittenScore.Metric;
import org.lowrank.text.PromptTemplate;

/**
 * HumanEval (Chen et al. 2021, arXiv 2107.03374): functions that a model completes, run against
 * their tests.
 *
 * @param samples of a problem; more than one need a temperature
 * @param form what of a text is taken for the program
 * @param prompt empty to go on behind the function's head, as the paper does; else the model is
 *     asked in words for the whole function
 */
public record Programs(int samples, CompletionForm form, Optional<String> prompt) {

    /** Tokens of a function. */
    public static final int NEW_TOKENS = 256;

    private static final String FILE = "humaneval/HumanEval.jsonl.gz";

    /** Where the paper ends a text that goes on behind a head. */
    private static final String[] STOPS = {"\nclass", "\ndef", "\n#", "\nif", "\nprint"};

    private static final String WHOLE =
            "Complete this Python function. Give the whole function in one code block.\n\n";

    private static final List<Integer> KS = List.of(1, 10, 100);

    public Programs {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be 1 or more, not " + samples);
        }
    }

    /**
     * Has the functions written, runs them, and writes {@code samples.jsonl} and {@code
     * samples.jsonl_results.jsonl} in OpenAI's formats.
     *
     * @param rows the first so many problems; 0 for all
     * @param folder of the files; null for none
     */
    public WrittenScore score(
            LanguageModel model,
            Generation how,
            int rows,
            ProgramRunner runner,
            Path folder,
            AnswerLog log)
            throws IOException, InterruptedException {
        if (samples > 1 && how.temperature() == 0) {
            throw new IllegalArgumentException(
                    samples + " samples of a problem are all the same without a --temperature");
        }
        var all = HumanEval.problems(DataRoot.ofThisMachine().file(FILE, "humaneval"));
        var problems = all.subList(0, rows == 0 ? all.size() : Math.min(rows, all.size()));
        var records =
                problems.stream()
                        .map(p -> Instruction.of(1, asked(p), "", p.canonicalSolution()))
                        .toList();
        var questions =
                prompt.isEmpty()
                        ? Questions.of(FILE, records, PromptTemplate.PLAIN, model)
                        : Questions.of(FILE, records, prompt.get(), model);
        var prompts =
                questions.prompts().stream()
                        .flatMap(ids -> IntStream.range(0, samples).mapToObj(i -> ids))
                        .toList();
        var stopping = prompt.isEmpty() ? how.withStopTexts(STOPS) : how;
        var texts = log.texts(model.generator(), prompts, stopping);
        var written = new ArrayList<HumanEval.Sample>();
        for (int i = 0; i < texts.size(); i++) {
            written.add(new HumanEval.Sample(problems.get(i / samples).taskId(), texts.get(i)));
        }
        var judged = HumanEval.judge(problems, written, form, runner, 1);
        if (folder != null) {
            write(folder, judged);
        }
        var counts = HumanEval.counts(problems, judged);
        var metrics = WrittenScore.of(questions.likelihood());
        for (int k : KS) {
            PassAtK.mean(counts, k)
                    .value()
                    .ifPresent(v -> metrics.put("pass@" + k, pass(v.doubleValue(), k, problems)));
        }
        var facts = new LinkedHashMap<String, Object>();
        facts.put("prompt", prompt.orElse("the function's head"));
        facts.put("form", form.label());
        facts.put("samples of a problem", samples);
        facts.putAll(runner.facts());
        return new WrittenScore(problems.size(), metrics, facts);
    }

    private Metric pass(double value, int k, List<HumanEval.Problem> problems) {
        return k == 1 && samples == 1 ? Metric.share(value, problems.size()) : Metric.plain(value);
    }

    private String asked(HumanEval.Problem problem) {
        return prompt.isEmpty()
                ? problem.prompt()
                : WHOLE + "```python\n" + problem.prompt().strip() + "\n```";
    }

    private static void write(Path folder, List<HumanEval.Judged> judged) throws IOException {
        var samples = new ArrayList<String>();
        var results = new ArrayList<String>();
        for (var one : judged) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("task_id", one.sample().taskId());
            line.put("completion", one.sample().completion());
            samples.add(Json.line(line));
            line.put("result", (one.verdict().result() + " " + one.verdict().said()).strip());
            line.put("passed", one.verdict().passed());
            results.add(Json.line(line));
        }
        Files.write(folder.resolve("samples.jsonl"), samples);
        Files.write(folder.resolve("samples.jsonl_results.jsonl"), results);
    }
}
