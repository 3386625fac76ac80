package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;

/** The committed tables are what the committed records give, byte for byte. */
class TablesTest {

    static List<RunNames.Table> tables() throws IOException {
        return RunNames.tables().stream().filter(t -> t.profile().equals("cpu")).toList();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void isMadeFromItsRecords(RunNames.Table table) throws IOException {
        var runs = RunNames.empty().withArchive(Pins.FIGURES.resolve(table.name()));
        var files = new ResultFiles(ResultTable.of(table.planner(runs)));
        assertBytes(table.name() + ".md", files.markdown());
        assertBytes(table.name() + ".tex", files.latex());
        assertBytes(table.name() + ".csv", files.csv());
    }

    private static void assertBytes(String name, String text) throws IOException {
        Path file = Pins.FIGURES.resolve(name);
        assertTrue(Files.exists(file), name);
        assertEquals(Files.readString(file), text, name);
    }
}
