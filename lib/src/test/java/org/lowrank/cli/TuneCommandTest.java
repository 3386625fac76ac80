package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.config.Json;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.experiment.run.Tuning;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.task.TinyLlama;
import org.lowrank.text.TokenBatch;
import org.lowrank.train.TrainingListener;

/** From a file of one's own to an adapter, in one command; it reads and writes the streams. */
@Isolated
class TuneCommandTest {

    @TempDir private Path root;

    private record Outcome(int code, String out, String err) {}

    @BeforeEach
    void files() throws IOException {
        TinyLlama.write(root.resolve("model"));
        Files.writeString(root.resolve("train.jsonl"), sums(0, 60));
        Files.writeString(root.resolve("test.jsonl"), sums(60, 64));
    }

    private static String sums(int from, int to) {
        var lines = new StringBuilder();
        for (int i = from; i < to; i++) {
            var question = i % 8 + "+" + i / 8 + "=";
            var record = Map.of("prompt", question, "completion", "" + (i % 8 + i / 8));
            lines.append(Json.line(record)).append('\n');
        }
        return lines.toString();
    }

    private static Outcome execute(List<String> arguments, String typed) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var before = List.of(System.out, System.err);
        var in = System.in;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
            int code = Lowrank.execute(arguments.toArray(String[]::new));
            return new Outcome(
                    code,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before.get(0));
            System.setErr(before.get(1));
            System.setIn(in);
        }
    }

    private Outcome tune(String... more) {
        var arguments = new ArrayList<>(List.of("tune", "--model", file("model")));
        arguments.addAll(List.of("--data", file("train.jsonl"), "--out", file("out")));
        arguments.addAll(List.of("--max-length", "32", "--new-tokens", "3"));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--steps")) {
            arguments.addAll(List.of("--steps", "4"));
        }
        return execute(arguments, "");
    }

    private String file(String name) {
        return root.resolve(name).toString();
    }

    @Test
    void aBaseInSixteenBitsIsTunedAndAskedByTheSameOption() throws IOException {
        var tuned =
                tune("--rates", "1e-3", "--precision", "bfloat16", "--test", file("test.jsonl"));
        assertEquals(0, tuned.code, tuned.err);
        var records = new ArrayList<String>();
        try (var files = Files.walk(root.resolve("out/runs"))) {
            for (var file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                records.add(Files.readString(file));
            }
        }
        assertTrue(
                records.stream()
                        .anyMatch(r -> r.matches("(?s).*\"base_dtype\" *: *\"bfloat16\".*")),
                records.toString());
        var asked = new ArrayList<>(List.of("generate", "--model", file("model")));
        asked.addAll(List.of("--adapter", file("out/adapter"), "--precision", "bfloat16"));
        asked.addAll(List.of("--new-tokens", "2", "1+1="));
        var answer = execute(asked, "");
        assertEquals(0, answer.code, answer.err);
        var wrong = execute(List.of("generate", "--model", "m", "--precision", "int3", "x"), "");
        assertTrue(wrong.err.contains("float32, float16, bfloat16, as_stored"), wrong.err);
    }

    @Test
    void aFileBecomesAnAdapterATableAndAMergedModel() throws IOException {
        var test = List.of("--test", file("test.jsonl"), "--rates", "1e-3,2e-2", "--merge");
        var first = tune(test.toArray(String[]::new));
        assertEquals(0, first.code, first.err);
        assertTrue(first.out.contains("⟦0"), first.out);
        assertTrue(first.out.contains("4 steps a run, 3 runs"), first.out);
        assertTrue(first.out.contains("| answer_nll | 8."), first.out);
        assertTrue(Files.exists(root.resolve("out/table.md")));
        var saved = root.resolve("out/adapter").resolve(PeftAdapter.CONFIG);
        assertEquals("CAUSAL_LM", Json.mapper().readTree(saved.toFile()).get("task_type").asText());
        var again = tune(test.toArray(String[]::new));
        assertEquals(0, again.code, again.err);
        assertEquals(first.out, again.out);

        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(root.resolve("model"));
                var model = opened.load(CausalModel.class, LoadOptions.PLAIN, manager);
                var adapters = PeftAdapter.load(root.resolve("out/adapter"), model);
                var mergedFile = PretrainedModel.open(root.resolve("out/merged"));
                var merged = mergedFile.load(CausalModel.class, LoadOptions.PLAIN, manager)) {
            var base = logits(model, manager);
            assertArrayEquals(base, logits(merged, manager), 1e-4f);
            adapters.merge();
            assertArrayEquals(logits(model, manager), logits(merged, manager));
        }
        var answers = execute(generate("--adapter", file("out/adapter"), "1+1=", "2+2="), "");
        assertEquals(0, answers.code, answers.err);
        assertEquals(2, answers.out.lines().count());
        var piped = execute(generate("--adapter", file("out/adapter")), "1+1=\n");
        assertEquals(answers.out.lines().findFirst(), piped.out.lines().findFirst());
        assertTrue(piped.err.contains("tokens/s"), piped.err);
        var drawn = generate("--temperature", "2", "--seed", "5", "1+1=");
        assertEquals(execute(drawn, "").out, execute(drawn, "").out);

        Files.writeString(root.resolve("train.jsonl"), sums(0, 59));
        var changed = tune(test.toArray(String[]::new));
        assertEquals(1, changed.code);
        assertTrue(changed.err.contains("data that have changed"), changed.err);
    }

    private List<String> generate(String... more) {
        var arguments = new ArrayList<>(List.of("generate", "--model", file("model")));
        arguments.addAll(List.of("--new-tokens", "3"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static float[] logits(CausalModel model, NDManager manager) {
        try (var step = manager.newSubManager()) {
            var ids = step.create(new long[] {0, 17, 18, 19, 20}).reshape(1, 5);
            var mask = step.ones(ids.getShape());
            var places = step.create(new long[] {0, 1, 2, 3, 4});
            return model.logits(new TokenBatch(ids, mask), places, false).toFloatArray();
        }
    }

    @Test
    void aTalkNeedsAChatTemplateAndIsHeldLineByLine() throws IOException {
        var chat = List.of("chat", "--model", file("model"), "--new-tokens", "3");
        var without = execute(chat, "hello\n\n");
        assertTrue(
                without.code != 0 && without.err.contains("without a chat template"), without.err);
        var template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}";
        Files.writeString(root.resolve("model/chat_template.jinja"), template);
        var talk = execute(chat, "hello\nagain\n\n");
        assertEquals(0, talk.code, talk.err);
        assertEquals(3, talk.out.split("> ", -1).length - 1, talk.out);
    }

    @Test
    void aStoppedTuningGoesOnWhereItWas() throws IOException {
        var base =
                Map.of(
                        "model",
                        file("model"),
                        "task",
                        Map.of(
                                "name",
                                "instructions",
                                "max_length",
                                32,
                                "options",
                                Map.of("train", file("train.jsonl"))),
                        "training",
                        Map.of("steps", 4, "batch_size", 8));
        var tunings = new ArrayList<Tuning>();
        for (var name : List.of("straight", "stopped")) {
            var tuning =
                    Tuning.of(base, "altlora_plus", List.of(1e-2), List.of(1L), root.resolve(name));
            tuning.begin();
            tunings.add(tuning);
        }
        var silent = new TrainingListener() {};
        var straight = tunings.get(0).run(run -> silent, run -> {}).orElseThrow().get(0);
        for (int i = 0; i < 2; i++) {
            assertTrue(tunings.get(1).run(run -> silent, RunExecution::cancel).isEmpty());
            assertFalse(Files.exists(tunings.get(1).adapter()));
        }
        var resumed = tunings.get(1).run(run -> silent, run -> {}).orElseThrow().get(0);
        assertEquals(straight.reproducible(), resumed.reproducible());
        assertEquals(2, resumed.runInfo().resumedAtStep());
        assertArrayEquals(
                Files.readAllBytes(tunings.get(0).adapter().resolve(PeftAdapter.WEIGHTS)),
                Files.readAllBytes(tunings.get(1).adapter().resolve(PeftAdapter.WEIGHTS)));
    }

    @Test
    void brokenRecordsAreLeftOutOnlyIfThatIsAskedFor() throws IOException {
        var good = Files.readString(root.resolve("train.jsonl"));
        Files.writeString(root.resolve("train.jsonl"), good + "{oops\n{\"prompt\": \"1\"}\n");
        var refused = tune("--rates", "1e-3");
        assertEquals(1, refused.code);
        assertTrue(refused.err.contains("2 faults"), refused.err);
        var done = tune("--rates", "1e-3", "--broken", "leave_out", "--judged", "by_likelihood");
        assertEquals(0, done.code, done.err);
        assertTrue(done.out.contains("train broken: 2"), done.out);
        long lines = good.lines().count();
        assertTrue(done.out.contains("line " + (lines + 1) + ": column 2"), done.out);
        assertTrue(done.out.contains("line " + (lines + 2) + ": no answer"), done.out);
    }

    /** A file that a person may have, its name, and what must be said of it beside its name. */
    static Stream<Arguments> badFiles() {
        var good = sums(0, 12);
        var utf16 = good.getBytes(StandardCharsets.UTF_16LE);
        var latin = (good + "{\"prompt\": \"gr\u00f6\u00dfer?\", \"completion\": \"1\"}\n");
        var first = "{\"prompt\": \"0+0=\", \"completion\": \"0\"}";
        return Stream.of(
                bad("broken line", good + "{\"prompt\": \"1\", \"comple", "line 13", "ends inside"),
                bad("a comma too many", good + "{\"prompt\": \"1\",}\n", "line 13", "comma"),
                bad(
                        "empty answer",
                        good + "{\"prompt\": \"1\", \"completion\": \" \"}",
                        "line 13",
                        "empty"),
                bad("no answer", good + "{\"prompt\": \"1\"}\n" + good, "line 13", "absent"),
                bad(
                        "null answer",
                        good + "{\"prompt\": \"1\", \"completion\": null}",
                        "line 13",
                        "null"),
                bad(
                        "mixed columns",
                        good + "{\"question\": \"1\", \"answer\": \"1\"}",
                        "line 13",
                        "line 1 had prompt"),
                bad(
                        "unknown columns",
                        "{\"frage\": \"1\", \"antwort\": \"1\"}\n",
                        "line 1",
                        "prompt/completion"),
                bad("no object", good + "[\"1\", \"2\"]\n", "line 13", "an object is expected"),
                bad("latin", latin.getBytes(StandardCharsets.ISO_8859_1), "line 13", "not UTF-8"),
                bad("utf16", utf16, "UTF-16"),
                bad("empty", "", "holds no record"),
                bad("blank lines", "\n\r\n \n", "holds no record"),
                bad("web page", "<!DOCTYPE html>\n<html><body>404</body></html>", "HTML"),
                bad("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "LFS"),
                bad(
                        "after a mark, with CR LF",
                        "\uFEFF" + good.replace("\n", "\r\n") + "{oops\r\n",
                        "line 13"),
                bad("one question", (first + "\n").repeat(12), "held-out ones ask"),
                bad("too few", sums(0, 2), "at least 3"),
                bad(
                        "all too long",
                        good.replace("=", "=" + "1+".repeat(40)),
                        "none of 12",
                        "line 1",
                        "max_length"),
                bad(
                        "talk ends with a question",
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}",
                        "line 1",
                        "user"),
                bad(
                        "label outside the roles",
                        "{\"messages\": [{\"role\": \"bot\", \"content\": \"a\"}]}",
                        "line 1",
                        "bot"));
    }

    private static Arguments bad(String name, Object content, String... said) {
        return Arguments.of(name, content, List.of(said));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void badFiles(String name, Object content, List<String> said) throws IOException {
        var bytes =
                content instanceof byte[] raw
                        ? raw
                        : content.toString().getBytes(StandardCharsets.UTF_8);
        Files.write(root.resolve("train.jsonl"), bytes);
        var outcome = tune();
        assertEquals(1, outcome.code, outcome.err);
        assertTrue(outcome.err.contains("train.jsonl"), outcome.err);
        for (var words : said) {
            assertTrue(outcome.err.contains(words), outcome.err);
        }
        for (var machine : List.of("Exception", "\tat ", "jackson", "null:")) {
            assertFalse(outcome.err.contains(machine), outcome.err);
        }
        assertFalse(Files.exists(root.resolve("out/adapter")));
        assertFalse(Files.exists(root.resolve("out/tune.json")), "a bad file leaves no tuning");
    }

    /** What can be used is used, and the rest is named. */
    @Test
    void whatIsOddIsNamedByLineAndTheRestIsTrainedOn() throws IOException {
        var odd =
                "\uFEFF"
                        + sums(0, 20).replace("\n", "\r\n")
                        + "{\"prompt\": \"0+0=\", \"completion\": \"0\"}\r\n\r\n"
                        + "{\"prompt\": \"9+9=\", \"completion\": 18}\r\n"
                        + "{\"prompt\": \""
                        + "1+".repeat(200)
                        + "\", \"completion\": \"200\"}\r\n";
        Files.writeString(root.resolve("train.jsonl"), odd);
        Files.writeString(root.resolve("test.jsonl"), sums(19, 22));
        var outcome = tune("--test", file("test.jsonl"), "--rates", "1e-3", "--steps", "1");
        assertEquals(0, outcome.code, outcome.err);
        for (var words :
                List.of(
                        "records 23",
                        "train.jsonl, line 21: the same question and answer as line 1",
                        "train.jsonl, line 24:",
                        "tokens, max_length is 32",
                        "test.jsonl, line 1: its question is trained on: ",
                        "train.jsonl, line 20")) {
            assertTrue(outcome.out.contains(words), words + "\n" + outcome.out);
        }
    }

    @Test
    void aLabelThatTheTrainingFileDoesNotHaveIsNamed() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            lines.append(
                    "{\"text\": \"%d\", \"label\": \"%s\"}%n"
                            .formatted(i, i % 2 == 0 ? "even" : "odd"));
        }
        Files.writeString(root.resolve("train.jsonl"), lines);
        Files.writeString(
                root.resolve("test.jsonl"),
                "{\"text\": \"30\", \"label\": \"even\"}\n{\"text\": \"31\", \"label\": \"Odd\"}\n");
        var outcome = tune("--test", file("test.jsonl"), "--rates", "1e-3", "--steps", "1");
        assertEquals(0, outcome.code, outcome.err);
        var said = "test.jsonl, line 2: the answer \"Odd\" is none of the 2 in";
        assertTrue(outcome.out.contains(said), outcome.out);
        assertFalse(outcome.out.contains("line 1: the answer"), outcome.out);
    }

    @Test
    void aTunedModelWritesTheSameTextsInTransformersWithPeft() throws Exception {
        var python = System.getenv("LOWRANK_PEER_PYTHON");
        assumeTrue(python != null, "LOWRANK_PEER_PYTHON names no Python with PEFT");
        assertEquals(0, tune("--rates", "1e-2", "--merge").code);
        var questions = List.of("1+1=", "3+2=", "0+7=");
        var ids = new ArrayList<int[]>();
        List<String> ours;
        String stop;
        try (var model = LanguageModel.open(file("model"), root.resolve("out/adapter"))) {
            stop = model.tokenizer().stopIds().iterator().next().toString();
            questions.forEach(q -> ids.add(model.tokenizer().encode(q)));
            var written = model.generator().write(ids, Generation.greedy(12));
            ours = written.texts().stream().map(text -> Json.line(text.ids())).toList();
        }
        Files.writeString(root.resolve("prompts.json"), Json.line(ids));
        for (var with : List.of(List.of("model", "out/adapter"), List.of("out/merged", "-"))) {
            var adapter = with.get(1).equals("-") ? "-" : file(with.get(1));
            var there =
                    new ProcessBuilder(
                            python,
                            "../environment/peers/greedy.py",
                            file(with.get(0)),
                            adapter,
                            file("prompts.json"),
                            "12",
                            stop);
            there.environment().putAll(Map.of("HF_HUB_OFFLINE", "1", "PYTHONPATH", ""));
            var process = there.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor());
            assertEquals(ours, said.lines().map(line -> line.replace(" ", "")).toList());
        }
    }
}
