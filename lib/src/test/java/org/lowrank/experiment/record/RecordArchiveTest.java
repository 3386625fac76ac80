package org.lowrank.experiment.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.RunConfig;

class RecordArchiveTest {

    @TempDir private Path folder;

    @Test
    void eachTaskHasAFileAndWritingOneLeavesTheOthers() throws IOException {
        var small = record("small", 1);
        var large = record("large", 1);
        RecordArchive.write(folder, List.of(small, large));
        assertEquals(Set.of(small.hash(), large.hash()), RecordArchive.read(folder).keySet());
        var other = folder.resolve("spiral-large.jsonl.xz");
        var before = Files.readAllBytes(other);

        var second = record("small", 2);
        var written = RecordArchive.write(folder, List.of(second, small));
        assertEquals(List.of(folder.resolve("spiral-small.jsonl.xz")), written);
        assertEquals(
                Set.of(small.hash(), second.hash(), large.hash()),
                RecordArchive.read(folder).keySet());
        assertArrayEquals(before, Files.readAllBytes(other));
    }

    @Test
    void curvesKeepSixDigitsAndAllElseIsAsItWas() throws IOException {
        double infinite = Double.POSITIVE_INFINITY;
        var record =
                record("small", 1)
                        .withMetrics(
                                List.of(
                                        new RunRecord.Point(1, 0.693147180559945, 1.2345678e-5, 0),
                                        new RunRecord.Point(2, Double.NaN, 1e-300, infinite)));
        var file = RecordArchive.write(folder, List.of(record)).get(0);
        var read = RecordArchive.read(folder).get(record.hash());
        assertEquals(
                List.of(
                        new RunRecord.Point(1, 0.693147, 1.23457e-5, 0),
                        new RunRecord.Point(2, Double.NaN, 1e-300, infinite)),
                read.trainInfo().metrics());
        assertEquals(record, read.withMetrics(record.trainInfo().metrics()));

        var other = folder.resolve("other");
        assertEquals(-1, Files.mismatch(file, RecordArchive.write(other, List.of(read)).get(0)));
    }

    @Test
    void whatLiesThereAlreadyIsNotWrittenAgainWhateverFileItIsIn() throws IOException {
        var small = record("small", 1);
        var large = record("large", 1);
        try (var out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("records.jsonl.gz")))) {
            out.write((Json.line(small) + "\n" + Json.line(large) + "\n").getBytes(UTF_8));
        }
        assertEquals(List.of(), RecordArchive.write(folder, List.of(small, large)));
        var second = record("large", 2);
        assertEquals(
                List.of(folder.resolve("spiral-large.jsonl.xz")),
                RecordArchive.write(folder, List.of(small, large, second)));
        assertEquals(
                Set.of(small.hash(), large.hash(), second.hash()),
                RecordArchive.read(folder).keySet());
    }

    @Test
    void aFolderWithoutRecordsIsEmptyAndRefusedWhereItWasNamed() throws IOException {
        assertEquals(Map.of(), RecordArchive.read(folder.resolve("nowhere")));
        Files.writeString(folder.resolve("notes.txt"), "no records");
        assertEquals(Map.of(), RecordArchive.read(folder));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> RecordArchive.require(folder, "--archive"));
        assertTrue(error.getMessage().contains("which has no *.jsonl.xz"), error.getMessage());
    }

    private static RunRecord record(String task, long seed) {
        var cell =
                Spirals.grid().cells().stream()
                        .filter(c -> c.task().label().equals(task))
                        .findFirst()
                        .orElseThrow();
        return Records.of(cell.config(0.02, seed, RunConfig.Phase.evaluation), 0.5, 0.6);
    }
}
