package org.lowrank.data.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

/** Parquet as pandas, datasets and Spark write it. */
class ParquetRecordsTest {

    private static Path file(String name) {
        return GoldenFiles.path("cases/35-parquet").resolve(name);
    }

    private static List<Map<String, Object>> rows(Path file) throws IOException {
        var rows = new ArrayList<Map<String, Object>>();
        ParquetRecords.read(file, (number, row) -> rows.add(row));
        return rows;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "messages_none",
                "messages_gzip",
                "messages_snappy",
                "messages_zstd",
                "messages_lz4",
                "messages_brotli",
                "messages_v2_pages",
                "old_lists"
            })
    void nestedTalksAreTheSameByEveryCodec(String name) throws IOException {
        var expected = Json.mapper().readTree(file("expected.json").toFile());
        var talks =
                Json.mapper()
                        .convertValue(
                                expected.get("messages of every messages_* and old_lists file"),
                                new TypeReference<List<Object>>() {});
        var rows = rows(file(name + ".parquet"));
        assertEquals(talks, rows.stream().map(row -> row.get("messages")).toList());
        var error =
                assertThrows(
                        DataFaultsException.class,
                        () -> InstructionFile.read(file(name + ".parquet")));
        assertEquals(
                List.of(
                        "row 2: no answer: the last message's content is null",
                        "row 3: no answer: the talk is empty",
                        "row 4: no answer: the talk is null"),
                error.faults());
    }

    @Test
    void dictionariesOfSeveralRowGroupsAreRead() throws IOException {
        var rows = rows(file("dictionary_large_string.parquet"));
        assertEquals(200, rows.size());
        assertEquals(4, rows.get(0).size());
        assertTrue(rows.stream().allMatch(row -> row.get("prompt") instanceof String));
        assertEquals(0, rows(file("no_rows.parquet")).size());
    }

    @Test
    void whatIsNoWholeParquetFileIsNamed() {
        var cutFile = file("cut.parquet");
        var csvFile = file("csv_named.parquet");
        var cut = assertThrows(DataFaultsException.class, () -> rows(cutFile));
        assertTrue(cut.getMessage().contains("no footer"), cut.getMessage());
        var csv = assertThrows(DataFaultsException.class, () -> rows(csvFile));
        assertTrue(csv.getMessage().contains("does not begin with PAR1"), csv.getMessage());
    }

    /** Found among ten thousand: a part of 2 GB, and pages that end early. */
    @Test
    void whatAFooterClaimsIsNotMadeRoomForAndNoClassIsNamed(@TempDir Path folder)
            throws IOException {
        var changes =
                List.of(
                        Map.of(2737, 0xff, 2738, 0xff, 2739, 0xff, 2740, 0x7f),
                        Map.of(1009, 2, 1431, 1, 2007, 5));
        for (var change : changes) {
            var bytes = Files.readAllBytes(file("dictionary_large_string.parquet"));
            change.forEach((at, value) -> bytes[at] = value.byteValue());
            var damaged = Files.write(folder.resolve("t.parquet"), bytes);
            var error = assertThrows(DataFaultsException.class, () -> rows(damaged));
            assertTrue(error.getMessage().startsWith(damaged + ": "), error.getMessage());
            assertTrue(!error.getMessage().contains("java."), error.getMessage());
        }
    }

    @Test
    void changedBytesEndInRowsOrARefusal(@TempDir Path folder) throws IOException {
        var random = new Random(3);
        int refused = 0;
        for (var name :
                List.of("messages_zstd", "messages_snappy", "messages_lz4", "messages_none")) {
            var bytes = Files.readAllBytes(file(name + ".parquet"));
            for (int i = 0; i < 60; i++) {
                var changed = bytes.clone();
                changed[4 + random.nextInt(changed.length - 12)] ^= (byte) (1 << random.nextInt(8));
                var file = Files.write(folder.resolve("t.parquet"), changed);
                try {
                    rows(file);
                } catch (DataFaultsException e) {
                    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
                    refused++;
                }
            }
        }
        assertTrue(refused > 20);
    }
}
