package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.optim.OwnOptimizers;

/** Optimizers of a cell in a table beside a built-in one: killed, resumed, and changed. */
@Execution(ExecutionMode.CONCURRENT)
class SessionNamesTest {

    private static final String CELLS =
            OwnOptimizers.IMPORTS
                    + """
            import java.nio.file.*;
            import java.time.*;
            import org.lowrank.experiment.record.*;
            import org.lowrank.experiment.run.*;
            import org.lowrank.experiment.spec.*;
            ---
            """
                    + OwnOptimizers.CELL
                    + """
            ---
            var table = SpecificationReader.parse(\"""
                {"name": "own",
                 "base": {"model": "slow-mlp", "task": {"name": "spiral/small"},
                          "adapter": {"rank": 3, "lora_alpha": 6},
                          "training": {"steps": 60, "batch_size": 16}},
                 "tasks": [{"label": "small"}],
                 "methods": [
                   {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                   {"label": "Lion", "with": {"optimizer": {"name": "lion"}}},
                   {"label": "Tempered", "with": {"optimizer": {"name": "tempered",
                                                  "options": {"power": 0.25}}}}],
                 "frozen_encoder": false,
                 "protocol": {"kind": "fixed", "learning_rates": [0.005], "seeds": [1]}}
                \""", "", "cell");
            var options = EngineOptions.ofJobs(2).withCheckpointEvery(Duration.ofMillis(40));
            Experiments.loadOrRun(table, RunFolder.at(Path.of("FOLDER")), options, s -> {});
            """;

    @TempDir private Path root;
    private Process session;

    @AfterEach
    void end() throws InterruptedException {
        if (session != null) {
            session.destroyForcibly().waitFor();
        }
    }

    private Process start(RunFolder folder, String cells) throws IOException {
        var file = Files.createTempFile(root, "cells", ".txt");
        Files.writeString(file, cells.replace("FOLDER", folder.root().toString()));
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        session =
                new ProcessBuilder(
                                java,
                                "-Dai.djl.offline=true",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-cp",
                                ClassPath.ofThisProcess(),
                                CellSession.class.getName(),
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(root.resolve("session.txt").toFile())
                        .start();
        return session;
    }

    private void finish(RunFolder folder, String cells) throws Exception {
        int code = start(folder, cells).waitFor();
        assertEquals(0, code, () -> said());
    }

    private String said() {
        try {
            return Files.readString(root.resolve("session.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Map<String, RunRecord> records(RunFolder folder) throws IOException {
        var byOptimizer = new HashMap<String, RunRecord>();
        for (var hash : folder.hashes()) {
            var record = folder.record(hash).orElseThrow();
            assertEquals(RunRecord.Status.finished, record.status(), record.runInfo().errorMsg());
            byOptimizer.put(record.runInfo().config().optimizer().name(), record);
        }
        return byOptimizer;
    }

    private static long pid(RunRecord record) {
        return record.runInfo().attempts().get(0).pid();
    }

    /** Waits until the run of Lion has a checkpoint. */
    private void awaitCheckpoint(RunFolder folder) throws Exception {
        while (session.isAlive()) {
            for (var hash : folder.hashes()) {
                var checkpoints = folder.checkpoints(hash);
                if (!Files.isDirectory(checkpoints)
                        || !folder.config(hash).optimizer().name().equals("lion")) {
                    continue;
                }
                try (var files = Files.list(checkpoints)) {
                    if (files.anyMatch(f -> f.toString().endsWith(".checkpoint"))) {
                        return;
                    }
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it ended before it had a checkpoint: " + said());
    }

    @Test
    void aCellsOwnOptimizersStandInATableAreKilledAndResumeBitEqual() throws Exception {
        var straight = RunFolder.at(root.resolve("straight"));
        finish(straight, CELLS);
        var expected = records(straight);
        assertEquals(3, expected.size(), expected.keySet().toString());
        assertEquals(pid(expected.get("lion")), pid(expected.get("tempered")), "in the session");
        assertNotEquals(pid(expected.get("lion")), pid(expected.get("adamw")), "in a worker");
        var tempered = expected.get("tempered").runInfo().config().optimizer();
        assertEquals(16, tempered.code().length());
        assertEquals(0.25, tempered.options().get("power"));
        assertEquals(0.9, tempered.options().get("beta1"), "a default is written out");
        assertNull(expected.get("adamw").runInfo().config().optimizer().code());

        var killed = RunFolder.at(root.resolve("killed"));
        start(killed, CELLS);
        awaitCheckpoint(killed);
        session.destroyForcibly().waitFor();
        finish(killed, "int unrelated = 1;\n---\n" + CELLS);
        var resumed = records(killed);
        assertTrue(resumed.get("lion").runInfo().resumedAtStep() > 0, "it went on");
        expected.forEach(
                (name, record) ->
                        assertEquals(record.reproducible(), resumed.get(name).reproducible()));

        finish(straight, CELLS.replace("new Lion(0.9, 0.99)", "new Lion(0.8, 0.99)"));
        assertEquals(4, straight.hashes().size(), "the changed cell is another run, and no other");
    }
}
