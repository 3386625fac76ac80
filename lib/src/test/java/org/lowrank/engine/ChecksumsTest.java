package org.lowrank.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * Three rows a little larger than a piece together: no piece holds all, the hash is the same.
     */
    @Test
    void anArrayIsReadInPiecesOfWholeRowsWhoseBytesAreThoseOfTheWhole() {
        try (var manager = NDManager.newBaseManager()) {
            var array = manager.arange(0f, 3 * 400_000, 1).reshape(3, 400_000);
            var sizes = new ArrayList<Integer>();
            var digest = Checksums.digest();
            Checksums.read(
                    array,
                    piece -> {
                        sizes.add(piece.remaining());
                        digest.update(piece);
                    });
            assertEquals(List.of(3_200_000, 1_600_000), sizes);
            var whole = Checksums.digest();
            whole.update(array.toByteBuffer());
            assertEquals(Checksums.hex(whole), Checksums.hex(digest));
            var empty = new ArrayList<Integer>();
            Checksums.read(manager.create(new Shape(0, 4)), piece -> empty.add(piece.remaining()));
            assertEquals(List.of(0), empty);
            Checksums.read(manager.create(7f), piece -> empty.add(piece.remaining()));
            assertEquals(List.of(0, 4), empty);
        }
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
