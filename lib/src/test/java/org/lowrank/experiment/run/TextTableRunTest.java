package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.source.DataRoot;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.model.PublishedModels;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.Tasks;
import org.lowrank.task.TextClassification;
import org.lowrank.task.TextSource;
import org.lowrank.train.Checkpoints;

/** Real encoders on real sentences through the engine. */
class TextTableRunTest {

    private static final String TABLE =
            """
            {
              "name": "glue_quick",
              "title": "Three methods on two GLUE sets",
              "base": {
                "model": "all-MiniLM-L6-v2",
                "task": {"train_rows": 64, "validation_rows": 32, "test_rows": 32, "max_length": 32},
                "adapter": {"rank": 4, "target_modules": ["query", "value"]},
                "training": {"epochs": 1, "batch_size": 16}
              },
              "tasks": [
                {"label": "CoLA", "metric": "accuracy", "with": {"task": {"name": "glue/cola"}}},
                {"label": "MRPC", "metric": "accuracy", "with": {"task": {"name": "glue/mrpc"}}}
              ],
              "methods": [
                {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}},
                {"label": "AltLoRA", "with": {"optimizer": {"name": "altlora"}}}
              ],
              "protocol": {"learning_rates": [5e-4, 2e-3], "seeds": [1, 2], "max_extensions": 0},
              "baseline": "LoRA",
              "reference": ["lora-pro/table-1", "altlora/table-4"]
            }
            """;

    @TempDir private Path root;

    @BeforeAll
    static void dataIsHere() {
        assumeTrue(
                DataRoot.ofThisMachine().contains("glue/CoLA/train.tsv")
                        && DataRoot.ofThisMachine().contains("glue/MRPC/dev_ids.tsv"),
                "GLUE is not in LOWRANK_DATA");
        assumeTrue(PublishedModels.isHere("all-MiniLM-L6-v2"), "all-MiniLM-L6-v2 is not here");
    }

    private static Grid grid(String old, String now) {
        return SpecificationReader.parse(TABLE.replace(old, now), "", "t");
    }

    @Test
    void aRunOnRealSentencesHasDefaultsHashesCountsAndTheTrivialScores() throws IOException {
        var cell = grid("", "").cells().get(2);
        var config = cell.config(1e-3, 0, RunConfig.Phase.evaluation);
        assertEquals(0.9, config.optimizer().options().get("beta1"), "a default is written out");
        var folder = RunFolder.at(root);
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.finished, record.status(), record.runInfo().errorMsg());
        assertEquals(4, record.trainInfo().steps());
        // 6 layers, query and value, A (4, 384) and B (384, 4); the head (2, 384) + 2
        assertEquals(6 * 2 * 2 * 4 * 384 + 770, record.trainInfo().numTrainableParams());
        var test = record.trainInfo().test();
        assertEquals(32, test.predictedClasses().values().stream().mapToLong(n -> n).sum());
        assertEquals(0.0, test.majority().get("matthews"));
        // the sample keeps the shares of the 721 : 322 of the dev set
        assertEquals(22 / 32.0, test.majority().get("accuracy"), 1e-12);
        assertTrue(record.metaInfo().data().containsKey("CoLA train"));
        assertEquals(
                64, record.metaInfo().model().get("encoder_values_sha256").toString().length());
        var other = cell.config(1e-3, 1, RunConfig.Phase.evaluation);
        assertNotEquals(config.hash(), other.hash());
    }

    @Test
    void aRunWhoseDataIsNotThereFailsWithTheWayToGetIt() throws IOException {
        var config = grid("", "").cells().get(2).config(1e-3, 0, RunConfig.Phase.evaluation);
        var folder = RunFolder.at(root);
        folder.request(config);
        var before = System.getProperty("lowrank.data");
        System.setProperty("lowrank.data", root.resolve("no-data").toString());
        try {
            var record =
                    new RunExecution(folder, Checkpoints.Interval.STANDARD)
                            .execute(config.hash())
                            .orElseThrow();
            assertEquals(RunRecord.Status.failed, record.status());
            var reason = record.runInfo().errorMsg();
            assertTrue(reason.contains("glue/CoLA is not on this machine"), reason);
            assertTrue(reason.contains("To get it: "), reason);
        } finally {
            if (before == null) {
                System.clearProperty("lowrank.data");
            } else {
                System.setProperty("lowrank.data", before);
            }
        }
    }

    @Test
    void rowsThatAreNotThereAreRefusedWithTheReason() {
        assertEquals(
                "MRPC train has 3301 rows left beside the 367 that are held out;"
                        + " task.train_rows asks for 3668, name at most 3301, or 0 for all",
                refusal(3668, 0, 0));
        assertEquals(
                "MRPC validation has 1834 rows: no more than half of the training rows are held"
                        + " out; task.validation_rows asks for 2000, name at most 1834, or 0 for all",
                refusal(0, 2000, 0));
        assertEquals(
                "MRPC test has 408 rows; task.test_rows asks for 1725, name at most 408, or 0 for"
                        + " all",
                refusal(0, 0, 1725));
    }

    private static String refusal(int train, int validation, int test) {
        var task = new TaskConfig("glue/mrpc", train, validation, test, 128, 1L);
        TextSource source =
                config -> GlueTask.MRPC.load(DataRoot.ofThisMachine(), TextSource.holdOut(config));
        return assertThrows(IllegalArgumentException.class, () -> source.load(task)).getMessage();
    }

    @Test
    void whatDoesNotComposeIsRefusedBeforeAnythingRuns() {
        var adalora =
                assertThrows(
                        SpecificationException.class,
                        () -> grid("\"rank\": 4", "\"rank\": 4, \"layer\": \"adalora\""));
        assertTrue(
                adalora.getMessage().contains("optimizer.name cannot train layer adalora"),
                adalora.getMessage());
        var option =
                assertThrows(
                        SpecificationException.class,
                        () ->
                                grid(
                                        "{\"name\": \"altlora\"}",
                                        "{\"name\": \"altlora\", \"options\": {\"lambda\": 1}}"));
        assertTrue(
                option.getMessage()
                        .contains("optimizer.options.lambda is not an option of altlora"),
                option.getMessage());
        var start =
                assertThrows(
                        SpecificationException.class,
                        () -> grid("\"rank\": 4", "\"rank\": 4, \"initialization\": \"pisa\""));
        assertTrue(start.getMessage().contains("allowed: kaiming"), start.getMessage());
        var metric = "\"label\": \"MRPC\", \"metric\": \"accuracy\"";
        var wrong =
                assertThrows(
                        SpecificationException.class,
                        () -> grid(metric, metric.replace("accuracy", "pearson")));
        assertTrue(
                wrong.getMessage().contains("\"pearson\"; allowed: accuracy, f1, matthews"),
                wrong.getMessage());
    }

    @Test
    void aTargetThatNoLayerIsCalledFailsTheRunWithTheLayersThereAre() throws IOException {
        var cell = grid("\"query\"", "\"qery\"").cells().get(2);
        var config = cell.config(1e-3, 0, RunConfig.Phase.evaluation);
        var folder = RunFolder.at(root);
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.failed, record.status());
        var reason = record.runInfo().errorMsg();
        assertTrue(reason.contains("qery") && reason.contains("query"), reason);
    }

    @Test
    void loraGaIsRefusedWithoutTheScalingItIsMadeFor() {
        var start = "\"rank\": 4, \"initialization\": \"lora_ga\"";
        var error = assertThrows(SpecificationException.class, () -> grid("\"rank\": 4", start));
        assertTrue(error.getMessage().contains("adapter.use_rslora is false"), error.getMessage());
        assertDoesNotThrow(() -> grid("\"rank\": 4", start + ", \"use_rslora\": true"));
    }

    private record Review(String words, String verdict) {}

    @Test
    void rowsAtHandAreATaskOfATableAndItsRunIsDoneHere() throws Exception {
        var rows = new ArrayList<Review>();
        for (int i = 0; i < 60; i++) {
            var book = "Chapter " + i + " of the book was ";
            rows.add(
                    i % 2 == 0
                            ? new Review(book + "a delight, warm and funny.", "good")
                            : new Review(book + "dull, cold and far too long.", "poor"));
        }
        Tasks.register(
                "tests/books",
                "reviews of a book",
                TextClassification.of(rows, Review::words, Review::verdict));
        var books =
                """
                {"name": "books", "tasks": [{"label": "books"}],
                 "base": {"model": "all-MiniLM-L6-v2",
                          "task": {"name": "tests/books", "max_length": 24},
                          "adapter": {"rank": 4},
                          "training": {"epochs": 4, "batch_size": 8, "head_learning_rate": 0.01}},
                 "methods": [{"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}}],
                 "frozen_encoder": false,
                 "protocol": {"kind": "fixed", "learning_rates": [1e-3], "seeds": [1]}}
                """;
        var table = SpecificationReader.parse(books, "", "cell");
        var planner = Experiments.loadOrRun(table, RunFolder.at(root), status -> {});
        var record = planner.plan().get(0).runs().findFirst().orElseThrow().record().orElseThrow();
        assertEquals(ProcessHandle.current().pid(), record.runInfo().attempts().get(0).pid());
        assertEquals(16, record.runInfo().config().task().code().length());
        assertEquals(4, record.trainInfo().epochs());
        assertEquals(24, record.trainInfo().steps());
        assertEquals(1.0, record.trainInfo().test().metrics().get("accuracy"));
        assertEquals(0.5, record.trainInfo().test().majority().get("accuracy"));
    }

    @Test
    @Tag("soak")
    void theQuickTableRunsIsInterruptedResumesAndRenders() throws Exception {
        var file = Files.writeString(root.resolve("glue.json"), TABLE);
        var folder = RunFolder.at(root.resolve("runs"));
        var options = EngineOptions.standard().withCheckpointEvery(Duration.ofSeconds(1));
        var stopped =
                new LocalEngine(options.withUntil(Duration.ofSeconds(30)))
                        .run(
                                new Planner(SpecificationReader.read(file, ""), folder),
                                folder,
                                status -> {});
        assertTrue(stopped.done() < stopped.total());
        var planner = Experiments.loadOrRun(file, "", folder, options, status -> {});
        var table = ResultTable.of(planner);
        assertTrue(table.cells().stream().allMatch(cell -> cell.isComplete()));
        var markdown = new ResultFiles(table).markdown();
        for (var part :
                new String[] {
                    "Majority class",
                    "Frozen encoder",
                    "CoLA (accuracy)",
                    "CoLA, papers",
                    "average",
                    "difference_ci95_low",
                    "one_class_runs",
                    "search_runs",
                    "68.38 ± 0.01 [1]"
                }) {
            assertTrue(markdown.contains(part), part);
        }
    }
}
