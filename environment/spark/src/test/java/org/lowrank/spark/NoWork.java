package org.lowrank.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.run.ExitCode;
import org.lowrank.experiment.spec.RunConfig;

/** A run that takes no time, and ends so. */
record NoWork(int code) implements Workload {

    NoWork() {
        this(ExitCode.OK);
    }

    @Override
    public int run(String hash, Path runs, Meanwhile meanwhile) throws IOException {
        if (code == ExitCode.OK) {
            var folder = runs.resolve(hash);
            var text = Files.readString(folder.resolve("config.json"));
            var config = Json.mapper().readValue(text, RunConfig.class);
            var record = Records.of(config, 0.5 + config.training().learningRate(), 0.5);
            Files.writeString(folder.resolve(RunTask.RECORD), Json.pretty(record));
        }
        return code;
    }
}
