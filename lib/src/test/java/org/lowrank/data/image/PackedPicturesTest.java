package org.lowrank.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;

/** Sets whose pictures are pixmaps, arrays of MATLAB or records of bytes. */
class PackedPicturesTest {

    private static final HoldOut HOLD_OUT = new HoldOut(0.25, 100, 1);
    @TempDir private Path folder;

    private void text(String path, String... lines) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, List.of(lines));
    }

    private ImageData load(ImageSet set) throws IOException {
        return set.load(new DataRoot(folder), HOLD_OUT);
    }

    @Test
    void signsInPixmapsAndATable() throws IOException {
        for (var name : List.of("00000/a", "00000/b", "00001/a", "00001/b")) {
            pixmap("gtsrb/GTSRB/Final_Training/Images/" + name + ".ppm");
        }
        pixmap("gtsrb/GTSRB/Final_Test/Images/x.ppm");
        text(
                "gtsrb/GTSRB/GT-final_test.csv",
                "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId",
                "x.ppm;3;2;0;0;3;2;1");
        var data = load(ImageSet.GTSRB);
        var row = data.rows().test().examples().get(0);
        assertEquals(1, row.label());
        var picture = data.pictures().read(row.text());
        assertEquals(3, picture.width());
        assertEquals(200 + 17, picture.at(2, 1, 2));
    }

    private void pixmap(String path) throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes("P6\n# a remark\n3 2\n255\n".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 18; i++) {
            out.write(200 + i);
        }
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, out.toByteArray());
    }

    @Test
    void digitsInFilesOfMatlab() throws IOException {
        Files.createDirectories(folder.resolve("svhn"));
        for (var split : List.of("train", "test")) {
            var file = new ByteArrayOutputStream();
            file.writeBytes(new byte[126]);
            file.writeBytes(new byte[] {'I', 'M'});
            file.writeBytes(matrix("X", new int[] {2, 3, 3, 8}, 144, split.equals("train")));
            file.writeBytes(matrix("y", new int[] {8, 1}, 8, false));
            Files.write(folder.resolve("svhn/" + split + "_32x32.mat"), file.toByteArray());
        }
        var data = load(ImageSet.SVHN);
        assertEquals(8, data.rows().test().size());
        assertEquals(3, data.rows().test().labels()[3]);
        var picture = data.pictures().read("train/1");
        // row 1, column 2, green of the second picture: 1 + 2 * 2 + 6 * 1 + 18
        assertEquals(29, picture.at(2, 1, 1));
    }

    /** Bytes 0, 1, 2, ... of a shape, as MATLAB writes them, packed or not. */
    private static byte[] matrix(String name, int[] lengths, int count, boolean packed)
            throws IOException {
        var in = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
        in.putInt(6).putInt(8).putLong(9);
        in.putInt(5).putInt(4 * lengths.length);
        for (int length : lengths) {
            in.putInt(length);
        }
        in.putInt(1 << 16 | 1).put((byte) name.charAt(0)).put(new byte[3]);
        in.putInt(2).putInt(count);
        for (int i = 0; i < count; i++) {
            in.put((byte) i);
        }
        while (in.position() % 8 != 0) {
            in.put((byte) 0);
        }
        var out = ByteBuffer.allocate(in.position() + 8).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(14).putInt(in.position()).put(in.array(), 0, in.position());
        if (!packed) {
            return out.array();
        }
        var bytes = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(bytes)) {
            deflater.write(out.array());
        }
        var head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(15).putInt(bytes.size());
        var all = new ByteArrayOutputStream();
        all.writeBytes(head.array());
        all.writeBytes(bytes.toByteArray());
        return all.toByteArray();
    }

    @Test
    void cifarInItsBinaryVersion() throws IOException {
        var records = folder.resolve("cifar-10-batches-bin");
        Files.createDirectories(records);
        for (var name : List.of("data_batch_1", "test_batch")) {
            var bytes = new byte[3073 * 8];
            for (int i = 0; i < 8; i++) {
                bytes[3073 * i] = (byte) (i % 2);
                bytes[3073 * i + 1 + 1024 + 33] = (byte) (40 + i);
            }
            Files.write(records.resolve(name + ".bin"), bytes);
        }
        var data = Cifar10.load(new DataRoot(folder), HOLD_OUT);
        assertEquals(8, data.rows().test().size());
        var picture = data.pictures().read("data_batch_1.bin/3");
        assertEquals(43, picture.at(1, 1, 1));
        assertEquals(0, picture.at(1, 1, 0));
        Files.write(records.resolve("test_batch.bin"), new byte[3000]);
        var error =
                assertThrows(IOException.class, () -> Cifar10.load(new DataRoot(folder), HOLD_OUT));
        assertTrue(error.getMessage().contains("records of 3073"), error.getMessage());
    }
}
