package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumsTest {

    @Test
    void theHashIsThatOfTheStandard(@TempDir Path folder) throws Exception {
        // FIPS 180-4, the example "abc"
        var abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        var bytes = new byte[] {'a', 'b', 'c'};
        assertEquals(abc, Checksums.of(bytes));
        assertEquals(abc, Checksums.of(Files.write(folder.resolve("abc"), bytes)));
    }

    @Test
    void arraysAreToldApartByNameAndByTheirLastBit() {
        try (var manager = NDManager.newBaseManager()) {
            var one = manager.create(new float[] {1});
            var next = manager.create(new float[] {Math.nextUp(1f)});
            assertEquals(
                    Checksums.of(Map.of("a", one)), Checksums.of(Map.of("a", one.duplicate())));
            assertNotEquals(Checksums.of(Map.of("a", one)), Checksums.of(Map.of("b", one)));
            assertNotEquals(Checksums.of(Map.of("a", one)), Checksums.of(Map.of("a", next)));
        }
    }
}
