package org.lowrank.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.report.Rows;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

class FigureFolderTest {

    @TempDir Path folder;

    @Test
    void aTableIsWrittenUnderTheNotebooksNumberAndHandedBack() throws Exception {
        var table = Table.create("t", StringColumn.create("a", "b"));
        var figures = FigureFolder.in(folder.resolve("figures/quick"), null, "00");
        assertEquals(table, figures.save("result", table));
        assertTrue(Files.exists(folder.resolve("figures/quick/00_result.csv")));
        assertEquals(folder.resolve("figures/quick/00_result.md"), figures.file("result.md"));
    }

    @Test
    void theNumbersOfAColumnGetDigitsAlike() throws Exception {
        var shown = DoubleColumn.create("formatted", 0.5, 0.25, 0.125);
        shown.setPrintFormatter(NumberColumnFormatter.percent(0));
        var table =
                Table.create(
                        "t",
                        DoubleColumn.create("MB", 51968, 52447.7, Double.NaN),
                        DoubleColumn.create("s", 320, 1282.25, 1),
                        DoubleColumn.create("raw", 1.0 / 3, 2, 3),
                        LongColumn.create("n", 49152, 8, 1024),
                        shown);
        FigureFolder.in(folder.resolve("figures/quick"), null, "00").save("result", table);
        assertEquals(List.of("51,968.0", "52,447.7", ""), texts(table, "MB"));
        assertEquals(List.of("320.00", "1,282.25", "1.00"), texts(table, "s"));
        assertEquals("2", table.getString(1, "raw"));
        assertEquals(List.of("49,152", "8", "1,024"), texts(table, "n"));
        assertEquals("25%", table.getString(1, "formatted"));
        assertTrue(
                Files.readString(folder.resolve("figures/quick/00_result.csv"))
                        .contains("51968.0,320.0,"));
    }

    private static List<String> texts(Table table, String column) {
        return IntStream.range(0, 3).mapToObj(row -> table.getString(row, column)).toList();
    }

    @Test
    void aRunWhoseResultsAreNotKeptNamesAnotherFolder() throws Exception {
        var elsewhere = folder.resolve("out/figures");
        var figures = FigureFolder.in(folder.resolve("figures/quick"), elsewhere.toString(), "00");
        figures.save("result", Table.create("t", StringColumn.create("a", "b")));
        assertTrue(Files.exists(elsewhere.resolve("00_result.csv")));
        assertTrue(Files.notExists(folder.resolve("figures")));
    }

    @Test
    void aRecordedTableIsReadAndNotMadeAgain() throws Exception {
        var kept = folder.resolve("figures/cpu");
        var figures = FigureFolder.in(kept, null, "11");
        var made = Rows.of("t", "method", "note");
        Rows.add(made, "LoRA", "a; b");
        figures.recorded("watch", () -> made);
        var elsewhere = FigureFolder.in(kept, folder.resolve("out").toString(), "11");
        var read =
                elsewhere.recorded(
                        "watch",
                        () -> {
                            throw new AssertionError("made again");
                        });
        assertEquals("a; b", read.stringColumn("note").get(0));
    }
}
