package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir Path folder;

    /** Writes 64 KiB; run in a process whose files may not grow that far. */
    static final class LargeRecord {
        public static void main(String[] arguments) {
            try {
                AtomicFile.write(Path.of(arguments[0]), out -> out.write(new byte[64 * 1024]));
            } catch (IOException e) {
                System.out.println(e.getMessage());
                System.exit(3);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (var list = Files.list(folder)) {
            return list.toList();
        }
    }

    @Test
    void aFileIsReplacedWholeAndNothingElseIsLeft() throws IOException {
        var file = folder.resolve("deeper/record.json");
        AtomicFile.write(file, out -> out.write("one".getBytes(StandardCharsets.UTF_8)));
        AtomicFile.write(file, out -> out.write("two".getBytes(StandardCharsets.UTF_8)));
        assertEquals("two", Files.readString(file));
        try (var list = Files.list(file.getParent())) {
            assertEquals(List.of(file), list.toList());
        }
    }

    @Test
    void whenThereIsNoRoomTheOldRecordIsIntactAndNoPartOfTheNewOneIsLeft() throws Exception {
        var record = folder.resolve("record.json");
        Files.writeString(record, "the old record");
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                "ulimit -f 8; exec \"$@\"",
                                "bash",
                                java,
                                "-XX:-UsePerfData",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LargeRecord.class.getName(),
                                record.toString())
                        .redirectErrorStream(true)
                        .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(3, process.waitFor(), output);
        assertTrue(output.contains("cannot write " + record), output);
        assertTrue(output.contains("intact"), output);
        assertEquals("the old record", Files.readString(record));
        assertEquals(List.of(record), files());
    }
}
