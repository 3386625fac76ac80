package org.lowrank.experiment.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.Machine;

/** The processes that have worked on a run, one line each, written when they start. */
public record Attempts(Path file) {

    public static Attempts of(Path run) {
        return new Attempts(run.resolve("attempts.jsonl"));
    }

    /** Those so far; the caller holds the run's lock or only looks. */
    public List<RunRecord.Attempt> all() throws IOException {
        var attempts = new ArrayList<RunRecord.Attempt>();
        if (Files.exists(file)) {
            int number = 0;
            for (var line : JsonDocument.read(file).text().lines().toList()) {
                var name = file + ", line " + ++number;
                attempts.add(JsonDocument.of(name, line).as(RunRecord.Attempt.class));
            }
        }
        return attempts;
    }

    /** Adds this process and returns all. */
    public List<RunRecord.Attempt> add() throws IOException {
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
