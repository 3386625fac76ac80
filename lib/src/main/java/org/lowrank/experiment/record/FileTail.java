package org.lowrank.experiment.record;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lowrank.config.Json;

/** The end of a file that another process may be writing to. */
public final class FileTail {

    private static final int BYTES = 1024;

    private FileTail() {}

    /** The last lines, about a kilobyte of them; the first may be cut. None if there is no file. */
    static List<String> lines(Path path) throws IOException {
        if (!Files.exists(path)) {
            return List.of();
        }
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            long start = Math.max(0, file.length() - BYTES);
            var bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        }
    }

    /** The last line that is not blank. */
    public static Optional<String> lastLine(Path path) throws IOException {
        return lines(path).stream().filter(line -> !line.isBlank()).reduce((a, b) -> b);
    }

    /** How far a run is, in steps; both 0 while it has done none. */
    public record Position(long step, long totalSteps) {

        private static final Position START = new Position(0, 0);

        /** From the last step in a run's metrics. */
        public static Position of(Path metrics) {
            try {
                var steps =
                        lines(metrics).stream()
                                .filter(l -> l.startsWith("{\"step\"") && l.endsWith("}"))
                                .filter(line -> line.contains("\"total_steps\""))
                                .reduce((a, b) -> b);
                if (steps.isPresent()) {
                    var step = Json.mapper().readTree(steps.get());
                    return new Position(
                            step.get("step").asLong(), step.get("total_steps").asLong());
                }
            } catch (IOException e) {
                // being rewritten: the next look will see it
            }
            return START;
        }
    }
}
