package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.DataFormatException;
import org.lowrank.data.image.MatFile.Items;
import org.lowrank.data.image.MatFile.Numbers;
import org.lowrank.data.image.MatFile.Text;

/**
 * Files laid out by hand as the description of the format says MATLAB writes them: texts in 16
 * bits, whole numbers of a matrix of doubles in as few bytes as hold them, short parts in one word
 * with their head.
 */
class MatFileTest {

    private static final int BYTES = 1;
    private static final int UNSIGNED_BYTES = 2;
    private static final int UNSIGNED_SHORTS = 4;
    private static final int INTS = 5;
    private static final int UNSIGNED_INTS = 6;
    private static final int MATRIX = 14;

    private static final int CELLS = 1;
    private static final int STRUCTURES = 2;
    private static final int CHARACTERS = 4;
    private static final int DOUBLES = 6;

    @TempDir private Path folder;

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] ints(int... values) {
        var in = buffer(4 * values.length);
        Arrays.stream(values).forEach(in::putInt);
        return in.array();
    }

    private static byte[] part(int type, byte[] content) {
        if (content.length > 0 && content.length <= 4) {
            return buffer(8).putInt(content.length << 16 | type).put(content).array();
        }
        int padded = (content.length + 7) / 8 * 8;
        return buffer(8 + padded).putInt(type).putInt(content.length).put(content).array();
    }

    private static byte[] joined(byte[]... pieces) {
        var out = new ByteArrayOutputStream();
        Arrays.stream(pieces).forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static byte[] matrix(int kind, int[] lengths, String name, byte[]... pieces) {
        var content =
                joined(
                        part(UNSIGNED_INTS, ints(kind, 0)),
                        part(INTS, ints(lengths)),
                        part(BYTES, name.getBytes(StandardCharsets.US_ASCII)),
                        joined(pieces));
        return joined(ints(MATRIX, content.length), content);
    }

    private static byte[] text(String text) {
        return matrix(
                CHARACTERS,
                new int[] {1, text.length()},
                "",
                part(UNSIGNED_SHORTS, text.getBytes(StandardCharsets.UTF_16LE)));
    }

    private static byte[] number(int value) {
        return matrix(
                DOUBLES, new int[] {1, 1}, "", part(UNSIGNED_BYTES, new byte[] {(byte) value}));
    }

    private static byte[] notes() {
        var names = new byte[16];
        System.arraycopy("class".getBytes(StandardCharsets.US_ASCII), 0, names, 0, 5);
        System.arraycopy("fname".getBytes(StandardCharsets.US_ASCII), 0, names, 8, 5);
        return joined(
                new byte[126],
                new byte[] {'I', 'M'},
                matrix(
                        CELLS,
                        new int[] {1, 3},
                        "class_names",
                        text("Zoë's Van 1999"),
                        text("B"),
                        ints(MATRIX, 0)),
                matrix(
                        STRUCTURES,
                        new int[] {1, 2},
                        "annotations",
                        part(INTS, ints(8)),
                        part(BYTES, names),
                        number(196),
                        text("00001.jpg"),
                        number(2),
                        text("00002.jpg")));
    }

    @Test
    void cellsAndStructuresAreReadInTheirOrder() throws IOException {
        var file = Files.write(folder.resolve("notes.mat"), notes());
        var arrays = MatFile.read(file);
        var cells = assertInstanceOf(Items.class, arrays.get("class_names"));
        assertEquals(new Text("Zoë's Van 1999"), cells.values().get(0));
        assertEquals(new Text("B"), cells.values().get(1));
        assertNull(cells.values().get(2), "an empty cell");
        var notes = assertInstanceOf(Items.class, arrays.get("annotations"));
        assertEquals(List.of("class", "fname"), notes.fields());
        assertEquals(List.of(new Text("00001.jpg"), new Text("00002.jpg")), notes.field("fname"));
        var first = assertInstanceOf(Numbers.class, notes.field("class").get(0));
        assertEquals(1, first.count());
        assertEquals(196, first.at(0));
        assertTrue(notes.field("bbox_x1").isEmpty());
    }

    @Test
    void aFileThatBreaksOffAnywhereIsReadSoFarOrRefused() throws IOException {
        var whole = notes();
        var file = folder.resolve("part.mat");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            try {
                MatFile.read(file);
            } catch (DataFormatException e) {
                assertTrue(e.getMessage().contains("part.mat"), e.getMessage());
            }
        }
        Files.write(file, Arrays.copyOf(whole, whole.length - 8));
        assertThrows(DataFormatException.class, () -> MatFile.read(file));
    }

    @Test
    void aFileOfAnyOneOtherByteIsReadOrRefused() throws IOException {
        var whole = notes();
        var file = folder.resolve("other.mat");
        for (int at = 126; at < whole.length; at++) {
            for (int value : new int[] {0, 15, 255}) {
                var other = whole.clone();
                other[at] = (byte) value;
                Files.write(file, other);
                try {
                    MatFile.read(file);
                } catch (DataFormatException e) {
                    assertTrue(e.getMessage().contains("other.mat"), e.getMessage());
                }
            }
        }
    }
}
