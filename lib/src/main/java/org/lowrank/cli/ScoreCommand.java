package org.lowrank.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.config.Json;
import org.lowrank.data.score.judge.ChatEndpoint;
import org.lowrank.data.score.judge.Judge;
import org.lowrank.data.score.judge.JudgePrompt;
import org.lowrank.data.score.program.CompletionForm;
import org.lowrank.data.score.program.ProgramLimits;
import org.lowrank.data.score.program.ProgramRunner;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Checksums;
import org.lowrank.task.written.AnswerLog;
import org.lowrank.task.written.JudgedAnswers;
import org.lowrank.task.written.Programs;
import org.lowrank.task.written.WordProblems;
import org.lowrank.task.written.WrittenScore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "score",
        description =
                "Puts a published test to a language model: gsm8k, mawps, addsub, multiarith,"
                        + " singleeq, svamp, humaneval, mt-bench. Answers stay in the folder; the"
                        + " same command goes on where it was.",
        mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {

    private static final String HUMAN_EVAL = "humaneval";
    private static final String MT_BENCH = "mt-bench";
    private static final String ANSWERS = "answers.jsonl";

    /** Holds the key of a judge; a key on a command line would be seen by everyone. */
    private static final String JUDGE_KEY = "LOWRANK_JUDGE_KEY";

    @Parameters(paramLabel = "TEST", description = "Its name.")
    private String test;

    @Mixin private WritingOptions writing;

    @Mixin private PromptOption prompt;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FOLDER",
            description = "Where answers and scores are written.")
    private Path out;

    @Option(names = "--rows", paramLabel = "N", description = "The first N questions; 0: all.")
    private int rows;

    @Option(
            names = "--shots",
            paramLabel = "N",
            description =
                    "gsm8k: worked examples before each question (5, or 0 where a --prompt is"
                            + " given).")
    private Integer shots;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "humaneval: programs for each problem (${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--form",
            description =
                    "humaneval: what of a text is the program, as_written, cut_after_function or"
                            + " fenced (fenced where a --prompt is given).")
    private CompletionForm form;

    @Option(
            names = "--run-generated-code",
            description = "humaneval: run the programs that the model wrote, on this machine.")
    private boolean runGeneratedCode;

    @Option(
            names = "--judge",
            paramLabel = "URL",
            description =
                    "mt-bench: an address that speaks OpenAI's chat protocol, such as"
                            + " http://127.0.0.1:8000/v1; its key in "
                            + JUDGE_KEY
                            + ".")
    private String judge;

    @Option(names = "--judge-model", paramLabel = "NAME", description = "mt-bench: who judges.")
    private String judgeModel;

    @Option(
            names = "--judge-prompts",
            paramLabel = "FILE",
            description = "mt-bench: FastChat's judge_prompts.jsonl; the kit's own if not given.")
    private Path judgePrompts;

    @Override
    public Integer call() throws Exception {
        var name = test.toLowerCase(Locale.ROOT).replace("mt_bench", MT_BENCH);
        var problems = WordProblems.named(name);
        // what cannot be is said before a model is opened
        var runner =
                name.equals(HUMAN_EVAL)
                        ? ProgramRunner.open(runGeneratedCode, ProgramLimits.DEFAULT)
                        : null;
        if (problems.isEmpty() && runner == null && !name.equals(MT_BENCH)) {
            throw new IllegalArgumentException(
                    "there is no test '%s'; there are %s, %s and %s"
                            .formatted(
                                    test,
                                    Arrays.toString(WordProblems.values()),
                                    HUMAN_EVAL,
                                    MT_BENCH));
        }
        var askedJudge = judge();
        begin(name);
        var log = new AnswerLog(out.resolve(ANSWERS), this::told);
        try (var model = writing.open()) {
            WrittenScore score;
            if (problems.isPresent()) {
                var set = problems.get();
                int usual = prompt.prompt().isPresent() ? 0 : set.shots();
                int examples = shots == null ? usual : shots;
                var how = writing.how(set.newTokens());
                score = set.score(model, how, prompt.prompt(), examples, rows, log);
            } else if (runner != null) {
                var how = writing.how(Programs.NEW_TOKENS);
                score = programs().score(model, how, rows, runner, out, log);
            } else {
                var answers = new JudgedAnswers(modelId(), prompt.prompt());
                var how = writing.how(JudgedAnswers.NEW_TOKENS);
                score = answers.score(model, how, rows, askedJudge, out, log);
            }
            write("score.json", Json.pretty(score));
            var table = score.markdown(name);
            write("score.md", table);
            System.out.print(table);
        }
        return 0;
    }

    private Programs programs() {
        var usual = prompt.prompt().isPresent() ? CompletionForm.FENCED : CompletionForm.AS_WRITTEN;
        return new Programs(samples, form == null ? usual : form, prompt.prompt());
    }

    private Optional<Judge> judge() throws IOException {
        if (judge == null) {
            return Optional.empty();
        }
        if (judgeModel == null) {
            throw new IllegalArgumentException("--judge needs --judge-model, the judge's name");
        }
        var key = Optional.ofNullable(System.getenv(JUDGE_KEY));
        var endpoint = new ChatEndpoint(judge, judgeModel, key, ChatEndpoint.Patience.DEFAULT);
        return Optional.of(
                judgePrompts == null
                        ? new Judge(endpoint, JudgePrompt.OWN, JudgePrompt.OWN_WITH_REFERENCE)
                        : new Judge(
                                endpoint,
                                JudgePrompt.read(judgePrompts, "single-v1"),
                                JudgePrompt.read(judgePrompts, "single-math-v1")));
    }

    private String modelId() {
        var named = Path.of(writing.model().model()).getFileName().toString();
        return writing.adapter() == null ? named : named + "-tuned";
    }

    /** Writes down what is asked for; answers to something else are not gone on with. */
    private void begin(String name) throws IOException {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("test", name);
        asked.put("model", writing.model().model());
        if (writing.adapter() != null) {
            asked.put("adapter", writing.adapter().toString());
            var weights = writing.adapter().resolve(PeftAdapter.WEIGHTS);
            asked.put("adapter_sha256", Checksums.of(weights));
        }
        asked.put("prompt", prompt.prompt().orElse(""));
        asked.put("shots", shots == null ? "usual" : shots.toString());
        asked.put("samples", samples);
        asked.put("rows", rows);
        asked.put("generation", writing.how(1).toString());
        var text = Json.pretty(asked);
        var file = out.resolve("asked.json");
        boolean begun = Files.exists(out.resolve(ANSWERS));
        if (begun && !(Files.exists(file) && Files.readString(file).equals(text))) {
            throw new IllegalArgumentException(
                    out + " holds answers to something else (see " + file + "); choose another");
        }
        Files.createDirectories(out);
        write("asked.json", text);
    }

    private void write(String name, String text) throws IOException {
        AtomicFile.write(out.resolve(name), to -> to.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void told(int answers) {
        System.err.println(answers + " answers");
    }
}
