package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.config.Json;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.experiment.run.Tuning;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
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
        arguments.addAll(List.of("--steps", "4", "--max-length", "32", "--new-tokens", "3"));
        arguments.addAll(List.of(more));
        return execute(arguments, "");
    }

    private String file(String name) {
        return root.resolve(name).toString();
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
    void everyFaultOfTheDataIsSaidByFileAndLineBeforeAnythingIsWritten() throws IOException {
        Files.writeString(
                root.resolve("train.jsonl"),
                sums(0, 3)
                        + "{\"prompt\": \"1\"}\n{\"prompt\": \"2\", \"completion\": \" \"}\n{oops");
        var outcome = tune();
        assertEquals(1, outcome.code);
        for (var words : List.of("train.jsonl: 3 faults", "line 4:", "line 5:", "line 6:")) {
            assertTrue(outcome.err.contains(words), outcome.err);
        }
        assertFalse(Files.exists(root.resolve("out")));
        Files.delete(root.resolve("train.jsonl"));
        assertTrue(tune().err.contains("there is no such file"));
    }
}
