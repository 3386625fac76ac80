package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.task.TinyLlama;
import org.lowrank.train.Checkpoints;

/** A table of one small decoder on small sums. */
record SumsTable(String table) {

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

    static SumsTable in(Path root) throws IOException {
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
        return new SumsTable(TABLE.formatted(root.resolve("model"), root.resolve("train.jsonl")));
    }

    static Grid grid(String json) {
        return SpecificationReader.parse(json, "", "t");
    }

    /** That of the table with one part of its text in place of another. */
    RunConfig config(String old, String now) {
        assertTrue(table.contains(old), old);
        return grid(table.replace(old, now))
                .cells()
                .get(0)
                .config(2e-2, 1, RunConfig.Phase.evaluation);
    }

    static RunRecord run(RunFolder folder, RunConfig config) throws IOException {
        folder.request(config);
        var record =
                new RunExecution(folder, Checkpoints.Interval.STANDARD)
                        .execute(config.hash())
                        .orElseThrow();
        assertEquals(RunRecord.Status.finished, record.status(), record.runInfo().errorMsg());
        return record;
    }
}
