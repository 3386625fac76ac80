package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.EngineStatus;
import org.lowrank.experiment.run.ExitCode;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.RunConfig;

/** What lost executors and speculative copies leave. */
class RunTaskTest {

    @TempDir private Path root;
    private RunFolder folder;
    private SharedRuns shared;
    private RunConfig config;
    private String hash;

    @BeforeEach
    void request() throws IOException {
        folder = RunFolder.at(root.resolve("runs"));
        shared = new SharedRuns(folder.root().toUri());
        config = Spirals.run("adamw", 4, 1);
        hash = config.hash();
        folder.request(config);
    }

    private RunTask task(Workload workload) {
        return new RunTask(shared, workload, 1);
    }

    private List<String> files() throws IOException {
        return shared.list(hash);
    }

    @Test
    void aRecordThatWasNeverRenamedIsNoResultAndTheRunIsDoneAgain() throws Exception {
        var record = Json.pretty(Records.of(config, 0.87, 0.87));
        var run = folder.of(hash);
        Files.writeString(run.resolve(".record.json.x.tmp"), record);
        Files.writeString(run.resolve("_temporary"), "");
        assertTrue(folder.record(hash).isEmpty());
        assertEquals(RunTask.DONE, task(new NoWork()).call(hash));
        assertTrue(folder.record(hash).orElseThrow().status().isResult());
    }

    @Test
    void aTaskThatIsTriedAgainAfterItsRecordDoesNothing() throws Exception {
        assertEquals(RunTask.DONE, task(new NoWork()).call(hash));
        var before = Files.readString(folder.of(hash).resolve(RunTask.RECORD));
        Workload never =
                (name, runs, meanwhile) -> {
                    throw new IllegalStateException("done twice");
                };
        assertEquals(RunTask.DONE, task(never).call(hash));
        assertEquals(before, Files.readString(folder.of(hash).resolve(RunTask.RECORD)));
    }

    /** The second of two copies ends while the first's record comes into its place. */
    private void two(double score) throws Exception {
        Workload second =
                (name, runs, meanwhile) -> {
                    new NoWork().run(name, runs, meanwhile);
                    var first = runs.resolve("first.json");
                    Files.writeString(first, Json.pretty(Records.of(config, score, 0.5)));
                    shared.put(first, hash + "/" + RunTask.RECORD);
                    return 0;
                };
        assertEquals(RunTask.DONE, task(second).call(hash));
    }

    /** A run whose record is known, among others that take no time. */
    private record Known(String run, String record) implements Workload {
        @Override
        public int run(String hash, Path runs, Meanwhile meanwhile) throws IOException {
            if (hash.equals(run)) {
                Files.writeString(runs.resolve(hash).resolve(RunTask.RECORD), record);
                return ExitCode.OK;
            }
            return new NoWork().run(hash, runs, meanwhile);
        }
    }

    private EngineStatus settled() throws Exception {
        Files.move(folder.of(hash).resolve(RunTask.RECORD), root.resolve(RunTask.RECORD));
        var table = Spirals.grid("\"steps\": 40", "\"steps\": 4");
        var first = new Known(hash, Files.readString(root.resolve(RunTask.RECORD)));
        return SparkRunner.withWorkload(
                        "local[1]",
                        EngineOptions.standard().withThreads(1),
                        Map.of(
                                "spark.ui.enabled",
                                "false",
                                "spark.driver.host",
                                "127.0.0.1",
                                "spark.driver.bindAddress",
                                "127.0.0.1"),
                        first)
                .run(new Planner(table, folder), folder, status -> {});
    }

    @Test
    void ofTwoCopiesThatAgreeOneRecordStays() throws Exception {
        two(0.5 + config.training().learningRate());
        assertTrue(
                files().stream().anyMatch(n -> n.startsWith(RunTask.SECOND)), files().toString());
        var status = settled();
        assertEquals("", status.failures());
        assertFalse(
                files().stream().anyMatch(n -> n.startsWith(RunTask.SECOND)), files().toString());
    }

    @Test
    void twoCopiesThatDoNotAgreeAreToldAndNeitherIsLost() throws Exception {
        two(0.9);
        var status = settled();
        assertTrue(
                status.failures().contains("two tasks did this run and do not agree"),
                status.failures());
        assertEquals(
                0.9,
                folder.record(hash)
                        .orElseThrow()
                        .trainInfo()
                        .validation()
                        .metrics()
                        .get("accuracy"));
        assertTrue(
                files().stream().anyMatch(n -> n.startsWith(RunTask.SECOND)), files().toString());
    }

    @Test
    void aRunThatThisMachineDoesNotSeeIsTold() throws Exception {
        var gone = new SharedRuns(root.resolve("elsewhere").toUri());
        var said = new RunTask(gone, new NoWork(), 1).call(hash);
        assertTrue(said.contains("is not seen here, or was emptied"), said);
    }

    @Test
    void whatIsShippedIsFetchedOnceAndCheckedByItsHash() throws Exception {
        var data = Files.createDirectories(root.resolve("data/glue"));
        Files.writeString(data.resolve("train.tsv"), "a row");
        var shipment = Shipment.of(shared, "", false, root.resolve("data"), List.of("glue"));
        assertEquals(1, shared.list("shipped").size());
        var item = shipment.data().get(0);
        assertEquals("glue/train.tsv", item.name());
        var there = folder.root().resolve("shipped").resolve(item.sha256());
        assertEquals("a row", Files.readString(there));
        var missing =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Shipment.of(shared, "", false, root.resolve("data"), List.of("x")));
        assertTrue(missing.getMessage().contains("lowrank.ship names x"), missing.getMessage());
    }

    @Test
    void namesAreThoseThatHadoopAndObjectStoresTake() throws Exception {
        assertEquals(RunTask.DONE, task(new NoWork()).call(hash));
        try (Stream<Path> files = Files.walk(folder.root())) {
            for (var file : files.skip(1).toList()) {
                var name = file.getFileName().toString();
                assertTrue(name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"), name);
            }
        }
    }
}
