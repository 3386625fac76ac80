package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

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
    void aRunWhoseResultsAreNotKeptNamesAnotherFolder() throws Exception {
        var elsewhere = folder.resolve("out/figures");
        var figures = FigureFolder.in(folder.resolve("figures/quick"), elsewhere.toString(), "00");
        figures.save("result", Table.create("t", StringColumn.create("a", "b")));
        assertTrue(Files.exists(elsewhere.resolve("00_result.csv")));
        assertTrue(Files.notExists(folder.resolve("figures")));
    }
}
