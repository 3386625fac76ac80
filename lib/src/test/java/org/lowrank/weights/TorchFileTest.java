package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.data.source.DataRoot;

/** Files of {@code torch.save} are read without running what is in them. */
class TorchFileTest {

    @TempDir Path folder;

    /** A pickle of {"w": tensor (2, 3) of storage "0", "step": 7}, as protocol 2 writes it. */
    private static byte[] pickle(String call, int columns, int stride) {
        var out = new ByteArrayOutputStream();
        text(out, "\u0080\2}q\0(");
        unicode(out, "w");
        text(out, "c" + call.replaceFirst("\\.(?=[^.]*$)", "\n") + "\n((");
        unicode(out, "storage");
        text(out, "ctorch\nFloatStorage\n");
        unicode(out, "0");
        unicode(out, "cpu");
        text(out, "K\6tQK\0K\2K" + (char) columns + "\u0086K" + (char) stride + "K\1\u0086\u0089");
        text(out, "ccollections\nOrderedDict\n)RtR");
        unicode(out, "step");
        text(out, "K\7u.");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String latin) {
        out.writeBytes(latin.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void unicode(ByteArrayOutputStream out, String value) {
        out.write('X');
        var length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value.length());
        out.writeBytes(length.array());
        text(out, value);
    }

    /** A whole file with the tensor w (2, 3). */
    static byte[] file() {
        try {
            return archive(pickle("torch._utils._rebuild_tensor_v2", 3, 3));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path zip(byte[] pickle) throws IOException {
        return Files.write(folder.resolve("model.bin"), archive(pickle));
    }

    private static byte[] archive(byte[] pickle) throws IOException {
        var numbers = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            numbers.putFloat(i / 2f);
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "archive/data.pkl", pickle);
            store(zip, "archive/data/0", numbers.array());
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        var crc = new CRC32();
        crc.update(bytes);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    @Test
    void anArchiveIsReadByName() throws IOException {
        var file = zip(pickle("torch._utils._rebuild_tensor_v2", 3, 3));
        try (var source = TensorSources.open(file)) {
            assertEquals(List.of("w"), List.copyOf(source.names()));
            assertEquals(List.of(2L, 3L), source.info("w").shape());
            assertArrayEquals(new float[] {0, .5f, 1, 1.5f, 2, 2.5f}, source.floats("w"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"os.system", "builtins.eval", "torch.hub.load", "numpy.core.ndarray"})
    void anyOtherCallIsRefusedByName(String call) throws IOException {
        var file = zip(pickle(call, 3, 3));
        var error = assertThrows(MalformedFileException.class, () -> TensorSources.open(file));
        assertTrue(error.getMessage().contains("calls for " + call), error.getMessage());
        assertTrue(error.getMessage().contains("weights_only=True"), error.getMessage());
    }

    @Test
    void viewsAndTensorsBeyondTheirNumbersAreRefused() throws IOException {
        var view = zip(pickle("torch._utils._rebuild_tensor_v2", 3, 1));
        SafetensorsFileTest.assertMessage("w: is a view", () -> TensorSources.open(view));
        var beyond = zip(pickle("torch._utils._rebuild_tensor_v2", 4, 4));
        SafetensorsFileTest.assertMessage(
                "ends beyond its storage", () -> TensorSources.open(beyond));
    }

    /** Every shorter file, and every file with one byte of the pickle altered: read or refused. */
    @Test
    void damagedFilesAreRefusedAsSuch() throws IOException {
        var whole = Files.readAllBytes(zip(pickle("torch._utils._rebuild_tensor_v2", 3, 3)));
        var file = folder.resolve("damaged.bin");
        for (int length = 1; length < whole.length; length += 3) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThrows(MalformedFileException.class, () -> TensorSources.open(file));
        }
        for (int i = 30; i < whole.length; i += 2) {
            var altered = whole.clone();
            altered[i] ^= (byte) 0x15;
            Files.write(file, altered);
            try (var source = TensorSources.open(file)) {
                for (var name : source.names()) {
                    source.info(name);
                }
            } catch (MalformedFileException expected) {
                assertTrue(expected.getMessage().contains("damaged.bin"), expected.getMessage());
            }
        }
    }

    @Test
    void theOldFormIsReadWithWhatTheCheckpointSaysBeside() throws IOException {
        var file = DataRoot.ofThisMachine().folder().resolve("vision/resnet20-12fca82f.th");
        assumeTrue(Files.exists(file), file + " is not there");
        try (var source = TensorSources.open(file)) {
            assertEquals(97, source.names().size());
            assertEquals(List.of(16L, 3L, 3L, 3L), source.info("module.conv1.weight").shape());
            assertEquals(91.78, (Double) source.metadata().get("best_prec1"), 1e-4);
            assertEquals(64 * 10, source.floats("module.linear.weight").length);
        }
    }
}
