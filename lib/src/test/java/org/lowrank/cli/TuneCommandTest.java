package org.lowrank.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
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
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.LanguageModel;
import org.lowrank.text.TokenBatch;
import org.lowrank.train.TrainingListener;

/** From a file of one's own to an adapter, in one command; it reads and writes the streams. */
@Isolated
class TuneCommandTest {

    @TempDir private Path root;
    private SumTuning tuning;

    @BeforeEach
    void files() throws IOException {
        tuning = SumTuning.in(root);
    }

    @Test
    void aBaseInSixteenBitsIsTunedAndAskedByTheSameOption() throws IOException {
        var tuned =
                tuning.tune(
                        "--rates",
                        "1e-3",
                        "--precision",
                        "bfloat16",
                        "--test",
                        tuning.file("test.jsonl"));
        assertEquals(0, tuned.code(), tuned.err());
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
        var asked = new ArrayList<>(List.of("generate", "--model", tuning.file("model")));
        asked.addAll(List.of("--adapter", tuning.file("out/adapter"), "--precision", "bfloat16"));
        asked.addAll(List.of("--new-tokens", "2", "1+1="));
        var answer = SumTuning.execute(asked, "");
        assertEquals(0, answer.code(), answer.err());
        var wrong =
                SumTuning.execute(
                        List.of("generate", "--model", "m", "--precision", "int3", "x"), "");
        assertTrue(wrong.err().contains("float32, float16, bfloat16, as_stored"), wrong.err());
    }

    @Test
    void aFileBecomesAnAdapterATableAndAMergedModel() throws IOException {
        var test = List.of("--test", tuning.file("test.jsonl"), "--rates", "1e-3,2e-2", "--merge");
        var first = tuning.tune(test.toArray(String[]::new));
        assertEquals(0, first.code(), first.err());
        assertTrue(first.out().contains("⟦0"), first.out());
        assertTrue(first.out().contains("4 steps a run, 3 runs"), first.out());
        assertTrue(first.out().contains("| answer_nll | 8."), first.out());
        assertTrue(Files.exists(root.resolve("out/table.md")));
        var saved = root.resolve("out/adapter").resolve(PeftAdapter.CONFIG);
        assertEquals("CAUSAL_LM", Json.mapper().readTree(saved.toFile()).get("task_type").asText());
        var again = tuning.tune(test.toArray(String[]::new));
        assertEquals(0, again.code(), again.err());
        assertEquals(first.out(), again.out());

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
        var answers =
                SumTuning.execute(
                        generate("--adapter", tuning.file("out/adapter"), "1+1=", "2+2="), "");
        assertEquals(0, answers.code(), answers.err());
        assertEquals(2, answers.out().lines().count());
        var piped = SumTuning.execute(generate("--adapter", tuning.file("out/adapter")), "1+1=\n");
        assertEquals(answers.out().lines().findFirst(), piped.out().lines().findFirst());
        assertTrue(piped.err().contains("tokens/s"), piped.err());
        var drawn = generate("--temperature", "2", "--seed", "5", "1+1=");
        assertEquals(SumTuning.execute(drawn, "").out(), SumTuning.execute(drawn, "").out());

        Files.writeString(root.resolve("train.jsonl"), SumTuning.sums(0, 59));
        var changed = tuning.tune(test.toArray(String[]::new));
        assertEquals(1, changed.code());
        assertTrue(changed.err().contains("data that have changed"), changed.err());
    }

    private List<String> generate(String... more) {
        var arguments = new ArrayList<>(List.of("generate", "--model", tuning.file("model")));
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
        var chat = List.of("chat", "--model", tuning.file("model"), "--new-tokens", "3");
        var without = SumTuning.execute(chat, "hello\n\n");
        assertTrue(
                without.code() != 0 && without.err().contains("without a chat template"),
                without.err());
        var template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}";
        Files.writeString(root.resolve("model/chat_template.jinja"), template);
        var talk = SumTuning.execute(chat, "hello\nagain\n\n");
        assertEquals(0, talk.code(), talk.err());
        assertEquals(3, talk.out().split("> ", -1).length - 1, talk.out());
    }

    @Test
    void aStoppedTuningGoesOnWhereItWas() throws IOException {
        var base =
                Map.of(
                        "model",
                        tuning.file("model"),
                        "task",
                        Map.of(
                                "name",
                                "instructions",
                                "max_length",
                                32,
                                "options",
                                Map.of("train", tuning.file("train.jsonl"))),
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
    void aTunedModelWritesTheSameTextsInTransformersWithPeft() throws Exception {
        var python = System.getenv("LOWRANK_PEER_PYTHON");
        assumeTrue(python != null, "LOWRANK_PEER_PYTHON names no Python with PEFT");
        assertEquals(0, tuning.tune("--rates", "1e-2", "--merge").code());
        var questions = List.of("1+1=", "3+2=", "0+7=");
        var ids = new ArrayList<int[]>();
        List<String> ours;
        String stop;
        try (var model = LanguageModel.open(tuning.file("model"), root.resolve("out/adapter"))) {
            stop = model.tokenizer().stopIds().iterator().next().toString();
            questions.forEach(q -> ids.add(model.tokenizer().encode(q)));
            var written = model.generator().write(ids, Generation.greedy(12));
            ours = written.texts().stream().map(text -> Json.line(text.ids())).toList();
        }
        Files.writeString(root.resolve("prompts.json"), Json.line(ids));
        for (var with : List.of(List.of("model", "out/adapter"), List.of("out/merged", "-"))) {
            var adapter = with.get(1).equals("-") ? "-" : tuning.file(with.get(1));
            var there =
                    new ProcessBuilder(
                            python,
                            "../environment/peers/greedy.py",
                            tuning.file(with.get(0)),
                            adapter,
                            tuning.file("prompts.json"),
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
