package org.lowrank.experiment;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordArchiveTest {

    @TempDir private Path folder;

    @Test
    void eachTaskHasAFileAndWritingOneLeavesTheOthers() throws IOException {
        var small = record("small", 1);
        var large = record("large", 1);
        RecordArchive.write(folder, List.of(small, large));
        assertEquals(Set.of(small.hash(), large.hash()), RecordArchive.read(folder).keySet());
        var other = folder.resolve("spiral-large.jsonl.gz");
        var before = Files.readAllBytes(other);

        var second = record("small", 2);
        var written = RecordArchive.write(folder, List.of(second, small));
        assertEquals(List.of(folder.resolve("spiral-small.jsonl.gz")), written);
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

        var before = Files.readAllBytes(file);
        RecordArchive.write(folder, List.of(read));
        assertArrayEquals(before, Files.readAllBytes(file), "what was rounded is written alike");
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
        assertTrue(error.getMessage().contains("which has no *.jsonl.gz"), error.getMessage());
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
