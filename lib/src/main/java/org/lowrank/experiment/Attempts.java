package org.lowrank.experiment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.train.AtomicFile;

/** The processes that have worked on a run, one line each, written when they start. */
record Attempts(Path file) {

    static Attempts of(Path run) {
        return new Attempts(run.resolve("attempts.jsonl"));
    }

    /** Those so far; the caller holds the run's lock or only looks. */
    List<RunRecord.Attempt> all() throws IOException {
        var attempts = new ArrayList<RunRecord.Attempt>();
        if (Files.exists(file)) {
            for (var line : Files.readAllLines(file)) {
                attempts.add(Json.mapper().readValue(line, RunRecord.Attempt.class));
            }
        }
        return attempts;
    }

    /** Adds this process and returns all. */
    List<RunRecord.Attempt> add() throws IOException {
        var attempts = all();
        var now =
                new RunRecord.Attempt(
                        Instant.now().toString(), ProcessHandle.current().pid(), Machine.threads());
        attempts.add(now);
        var text = attempts.stream().map(a -> Json.line(a) + "\n").collect(Collectors.joining());
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        return attempts;
    }
}
