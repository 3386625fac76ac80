package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.task.Tasks;
import org.lowrank.task.TinyLlama;
import org.lowrank.train.Checkpoints;

/** A small decoder on small sums, from a file to a record. */
class InstructionRunTest {

    private static final String TABLE =
            """
            {
              "name": "sums",
              "base": {
                "model": "%s",
                "task": {
                  "name": "instructions",
                  "max_length": 32,
                  "validation_rows": 8,
                  "options": {"train": "%s", "judged": "BY_NUMBER", "new_tokens": 4}
                },
                "adapter": {"rank": 4},
                "training": {"steps": 12, "batch_size": 4, "gradient_accumulation": 2}
              },
              "tasks": [{"label": "Sums"}],
              "methods": [{"label": "LoRA"}],
              "frozen_encoder": false,
              "protocol": {"kind": "fixed", "learning_rates": [2e-2], "seeds": [1]}
            }
            """;

    @TempDir private Path root;
    private String table;

    @BeforeEach
    void files() throws IOException {
        TinyLlama.write(root.resolve("model"));
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            var record =
                    Map.of("prompt", i % 8 + "+" + i / 8 + "=", "completion", "" + (i % 8 + i / 8));
            lines.append(Json.line(record)).append("\n");
        }
        // too long for a sample: left out and counted
        lines.append(Json.line(Map.of("prompt", "1+".repeat(40), "completion", "40")));
        Files.writeString(root.resolve("train.jsonl"), lines);
        table = TABLE.formatted(root.resolve("model"), root.resolve("train.jsonl"));
    }

    private static Grid grid(String json) {
        return SpecificationReader.parse(json, "", "t");
    }

    private RunConfig config(String old, String now) {
        assertTrue(table.contains(old), old);
        return grid(table.replace(old, now))
                .cells()
                .get(0)
                .config(2e-2, 1, RunConfig.Phase.evaluation);
    }

    private RunRecord run(RunFolder folder, RunConfig config) throws IOException {
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.finished, record.status(), record.runInfo().errorMsg());
        return record;
    }

    @Test
    void aRunOnAFileLearnsAnswersAndEndsAliveAfterStopsBitEqual() throws IOException {
        var config = config("", "");
        var record = run(RunFolder.at(root.resolve("straight")), config);
        var test = record.trainInfo().test();
        assertEquals(
                Set.of("answer_nll", "perplexity", "exact_match", "last_number", "expression"),
                test.metrics().keySet());
        assertEquals(Set.of("answer_nll", "perplexity"), test.majority().keySet());
        assertTrue(
                test.metrics().get("answer_nll") < test.majority().get("answer_nll") - 0.5,
                test.toString());
        assertEquals(
                Math.exp(test.metrics().get("answer_nll")), test.metrics().get("perplexity"), 1e-9);
        assertEquals(
                Set.of("answer_nll", "perplexity"),
                record.trainInfo().validation().metrics().keySet());
        var data = record.metaInfo().data();
        assertEquals(46, data.get("train_rows"));
        assertEquals(8, data.get("validation_rows"));
        assertEquals(6, data.get("test_rows"));
        assertEquals(1, ((Map<?, ?>) data.get("train")).get("left_out"));
        assertEquals(64, data.get("train_sha256").toString().length());
        // two linears a layer of (32, 32), two of (16, 32), three of the feed-forward part
        int sizes = 2 * (32 + 32) + 2 * (16 + 32) + 3 * (32 + 48);
        assertEquals(2 * 4 * sizes, record.trainInfo().numTrainableParams());

        var stopped = RunFolder.at(root.resolve("stopped"));
        stopped.request(config);
        for (int i = 0; i < 3; i++) {
            var execution =
                    new RunExecution(stopped, new Checkpoints.Interval(1, Duration.ofDays(1)));
            execution.cancel();
            var partial = execution.execute(config.hash()).orElseThrow();
            assertEquals(RunRecord.Status.cancelled, partial.status());
            assertEquals(i + 1, partial.trainInfo().steps());
        }
        assertEquals(record.reproducible(), run(stopped, config).reproducible());
    }

    @Test
    void aModelWithoutAdapterAndHeadIsMeasuredAsItCame() throws IOException {
        var config = config("\"rank\": 4", "\"layer\": \"none\"");
        var record = run(RunFolder.at(root.resolve("runs")), config).trainInfo();
        assertEquals(0, record.steps());
        assertEquals(0, record.numTrainableParams());
        var untrained = record.test().majority();
        assertEquals(untrained.get("answer_nll"), record.test().metrics().get("answer_nll"));
        assertTrue(record.test().metrics().containsKey("expression"), "it writes, too");
        var trained = run(RunFolder.at(root.resolve("more")), config("", "")).trainInfo();
        assertEquals(untrained, trained.test().majority());
    }

    @Test
    void modulesThatAreSavedWholeAreTrained() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var pairs = run(folder, config("\"steps\": 12", "\"steps\": 4")).trainInfo();
        var whole =
                run(
                                folder,
                                config(
                                        "\"rank\": 4",
                                        "\"rank\": 4, \"modules_to_save\": [\"lm_head\"]"))
                        .trainInfo();
        assertEquals(pairs.numTrainableParams() + 512 * 32, whole.numTrainableParams());
    }

    @Test
    void packedBlocksAndOneLayerAtATimeTrainToo() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var plain = run(folder, config("\"judged\": \"BY_NUMBER\", ", ""));
        var byLayer = run(folder, config("\"judged\": \"BY_NUMBER\", ", "\"by_layer\": true, "));
        assertEquals(plain.trainInfo().parametersSha256(), byLayer.trainInfo().parametersSha256());
        assertFalse(plain.trainInfo().test().metrics().containsKey("exact_match"));
        var packed =
                run(
                        folder,
                        config(
                                "\"judged\": \"BY_NUMBER\"",
                                "\"packed\": true, \"loss\": \"whole\""));
        var data = packed.metaInfo().data();
        assertTrue((int) data.get("train_sequences") < (int) data.get("train_rows") / 2);
        assertNotEquals(
                plain.trainInfo().parametersSha256(), packed.trainInfo().parametersSha256());
    }

    @Test
    void whatATableGetsWrongIsSaidByItsField() {
        var options = "\"judged\": \"BY_NUMBER\"";
        var wrong =
                Map.of(
                        "\"jugded\": \"BY_NUMBER\"", "task.options.jugded is not an option",
                        "\"judged\": \"BY_EYE\"", "'judged' must be one of",
                        "\"prompt\": \"alpacca\"", "no prompt template \"alpacca\"",
                        "\"new_tokens\": 0", "new_tokens must be 1 or more");
        wrong.forEach(
                (now, words) -> {
                    var old = now.contains("new_tokens") ? "\"new_tokens\": 4" : options;
                    var error = assertThrows(SpecificationException.class, () -> config(old, now));
                    assertTrue(error.getMessage().contains(words), error.getMessage());
                });
        var error =
                assertThrows(
                        SpecificationException.class,
                        () ->
                                grid(
                                        table.replace(
                                                "\"train\": \""
                                                        + root.resolve("train.jsonl")
                                                        + "\", ",
                                                "")));
        assertTrue(
                error.getMessage().contains("task.options.train is missing"), error.getMessage());
    }

    @Test
    void theRateIsChosenByTheSmallestLoss() {
        var cell = grid(table).cells().get(0);
        assertEquals("answer_nll", Planner.metric(cell));
        assertEquals("answer_nll", Planner.searchMetric(cell));
        assertTrue(Planner.isLoss(cell, "answer_nll"));
        assertFalse(Tasks.named(cell.template().at("/task/name").asText()).isLoss("exact_match"));
    }

    @Test
    void aTableOfWrittenAnswersFindsItsRatesByAMetricOfValidationRows() throws IOException {
        var tuned =
                table.replace(
                                "\"label\": \"Sums\"",
                                "\"label\": \"Sums\", \"metric\": \"expression\"")
                        .replace(
                                "\"kind\": \"fixed\", \"learning_rates\": [2e-2]",
                                "\"kind\": \"tuned\", \"learning_rates\": [1e-3, 2e-2],"
                                        + " \"search_seeds\": [0], \"max_extensions\": 0")
                        .replace("\"steps\": 12", "\"steps\": 4");
        var error = assertThrows(SpecificationException.class, () -> grid(tuned));
        assertTrue(
                error.getMessage().contains("\"expression\" is measured on test rows alone"),
                error.getMessage());
        assertTrue(error.getMessage().contains("[answer_nll, perplexity]"), error.getMessage());
        var by = "\"metric\": \"expression\", \"search_metric\": ";
        var unknown = tuned.replace("\"metric\": \"expression\"", by + "\"nll\"");
        assertTrue(
                assertThrows(SpecificationException.class, () -> grid(unknown))
                        .getMessage()
                        .contains("search_metric"));
        var grid = grid(tuned.replace("\"metric\": \"expression\"", by + "\"answer_nll\""));
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = new Planner(grid, folder);
        while (!planner.missing().isEmpty()) {
            run(folder, planner.missing().get(0).config());
        }
        var plan = planner.plan().get(0);
        double least =
                plan.search().stream()
                        .map(r -> r.record().orElseThrow().trainInfo().validation().metrics())
                        .mapToDouble(m -> m.get("answer_nll"))
                        .min()
                        .orElseThrow();
        var scores = RateScore.of(plan);
        assertEquals(-least, scores.get(1).score(), "2e-2 is better after four steps");
        assertEquals(2e-2, plan.choice().orElseThrow().learningRate());
        var results = ResultTable.of(planner);
        assertEquals("expression", results.cells().get(0).metric());
        var text = new ResultFiles(results).markdown();
        assertTrue(text.contains("(Sums by answer_nll)"), text);
    }

    @Test
    void aTableShowsALossAsItIs() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var record = run(folder, config("\"judged\": \"BY_NUMBER\", ", ""));
        var small = table.replace("\"judged\": \"BY_NUMBER\", ", "");
        var results = ResultTable.of(new Planner(grid(small), folder));
        var nll = record.trainInfo().test().metrics().get("answer_nll");
        var text = new ResultFiles(results).markdown();
        assertTrue(text.contains(String.format(Locale.ROOT, "| LoRA | %.3f |", nll)), text);
        assertTrue(text.contains("answer_nll: as it is, not in per cent"), text);
    }

    @Test
    void aFileWithFaultsEndsTheRunWithItsLines() throws IOException {
        Files.writeString(
                root.resolve("train.jsonl"),
                "{\"prompt\": \"1\", \"completion\": \"2\"}\n"
                        + "{\"prompt\": \"2\", \"completion\": \"\"}\n"
                        + "{oops\n");
        var folder = RunFolder.at(root.resolve("runs"));
        var config = config("", "");
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.failed, record.status());
        var message = record.runInfo().errorMsg();
        assertTrue(message.contains("line 2: no answer: completion is empty"), message);
        assertTrue(message.contains("line 3"), message);
    }

    @Test
    void brokenRecordsAreLeftOutIfThatIsAskedForAndCountedInTheRecord() throws IOException {
        var file = root.resolve("train.jsonl");
        var good = Files.readString(file).replace("\n", "\r\n");
        Files.writeString(
                file,
                "\uFEFF"
                        + good
                        + "\r\n{\"prompt\": \"9+1=\", \"completion\": null}\r\n{oops\r\n\r\n"
                        + "{\"prompt\": \"say \"ten\"\", \"completion\": \"10\"}");
        var config = config("\"judged\": \"BY_NUMBER\", ", "\"broken\": \"leave_out\", ");
        var data = run(RunFolder.at(root.resolve("runs")), config).metaInfo().data();
        assertEquals(3, data.get("train_broken"));
        assertEquals(46, data.get("train_rows"));
        assertEquals(1, ((Map<?, ?>) data.get("train")).get("left_out"));
    }
}
