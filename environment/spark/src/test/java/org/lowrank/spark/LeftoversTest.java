package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;

/**
 * A folder as lost executors and speculative copies leave it: of one run a result twice and a
 * stream of metrics that was cut, of one no record, of one a record that was never renamed. Its
 * table has labels that no file system takes for names.
 */
class LeftoversTest {

    /** Colons, slashes, escapes, and what Hadoop's readers pass over. */
    private static final List<String> LABELS =
            List.of(
                    "rate=1e-3:seed=2",
                    "rate=1e-3/seed=2",
                    "rate=1e-3 seed=2",
                    "2026-11-28T21:00:00",
                    "_SUCCESS",
                    "seed=2%3A");

    private static final double SCORE = 0.87;

    @TempDir private Path root;

    private Planner planner(RunFolder folder) {
        var methods = Json.mapper().createArrayNode();
        for (var label : LABELS) {
            var with = methods.addObject().put("label", label).putObject("with");
            with.putObject("adapter").put("rank", methods.size());
        }
        var table =
                """
                {
                  "name": "labels",
                  "base": {"model": "mlp", "training": {"steps": 4}},
                  "tasks": [{"label": "small", "with": {"task": {"name": "spiral/small"}}}],
                  "methods": %s,
                  "frozen_encoder": false,
                  "protocol": {"kind": "fixed", "learning_rates": [0.01], "seeds": [1]}
                }
                """
                        .formatted(methods);
        return new Planner(SpecificationReader.parse(table, "", "labels.json"), folder);
    }

    /** What executors left of the first three runs. */
    private void leave(RunFolder folder, List<PlannedRun> runs) throws IOException {
        for (var run : runs.subList(0, 3)) {
            folder.request(run.config());
            Files.writeString(
                    folder.metrics(run.hash()), "{\"step\": 1, \"loss\": 1.5}\n{\"step\": 2, \"lo");
        }
        var done = folder.of(runs.get(0).hash());
        var record = Json.pretty(Records.of(runs.get(0).config(), SCORE, SCORE));
        Files.writeString(done.resolve(RunTask.RECORD), record);
        Files.writeString(done.resolve(RunTask.SECOND + "17.json"), record);
        var torn = folder.of(runs.get(2).hash());
        Files.writeString(torn.resolve(".record.json.17.tmp"), record);
        Files.writeString(torn.resolve("record.json.tmp-17"), record);
        Files.writeString(torn.resolve("_temporary"), "");
    }

    @Test
    void oneResultCountsOnceAndWhatHasNoWholeRecordIsDoneAgainWhateverTheLabels() throws Exception {
        var left = RunFolder.at(root.resolve("shared"));
        var all = planner(left).missing();
        assertEquals(LABELS, all.stream().map(run -> run.cell().row()).toList());
        leave(left, all);
        assertEquals(
                all.subList(1, all.size()).stream().map(PlannedRun::hash).toList(),
                planner(left).missing().stream().map(PlannedRun::hash).toList());

        var folder = RunFolder.at(root.resolve("runs"));
        var settings =
                Map.of(
                        "spark.ui.enabled",
                        "false",
                        "spark.driver.host",
                        "127.0.0.1",
                        "spark.driver.bindAddress",
                        "127.0.0.1",
                        "lowrank.shared",
                        left.root().toUri().toString());
        var status =
                SparkRunner.withWorkload(
                                "local[1]",
                                EngineOptions.standard().withThreads(1),
                                settings,
                                new NoWork())
                        .run(planner(folder), folder, at -> {});
        assertEquals("", status.failures());
        assertEquals(LABELS.size(), status.done());
        for (var run : all) {
            var record = folder.record(run.hash()).orElseThrow();
            assertEquals(run.config(), record.runInfo().config(), run.cell().row());
            double score = record.trainInfo().test().metrics().get("accuracy");
            assertEquals(run.equals(all.get(0)), score == SCORE, run.cell().row());
        }
        assertEquals(
                LABELS.size(),
                folder.hashes().stream().filter(name -> name.matches("[0-9a-f]{16}")).count());
        assertTrue(
                new SharedRuns(left.root().toUri())
                        .list(all.get(0).hash()).stream()
                                .noneMatch(name -> name.startsWith(RunTask.SECOND)),
                "the copy that agreed is gone");
    }
}
