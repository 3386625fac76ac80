package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    @TempDir Path folder;

    /** Against the definition in float64: the nearest multiple of the unit in the last place. */
    @Test
    void roundingIsToTheNearestAndToEven() {
        var random = new SplittableRandom(3);
        for (int i = 0; i < 2_000_000; i++) {
            int bits = random.nextInt();
            // half of them near the places where the rounding turns
            float value = Float.intBitsToFloat(i % 2 == 0 ? bits : bits & 0xfffff000);
            if (Float.isFinite(value)) {
                assertNearest(
                        value, TensorType.halfToFloat(TensorType.floatToHalf(value)), 11, -24);
                var rounded = TensorType.bfloatToFloat(TensorType.floatToBfloat(value));
                assertNearest(value, rounded, 8, -133);
            }
        }
        for (int bits = 0; bits < 1 << 16; bits++) {
            float half = TensorType.halfToFloat((short) bits);
            assertTrue(
                    Float.isNaN(half) || TensorType.floatToHalf(half) == (short) bits, "" + bits);
            float brain = TensorType.bfloatToFloat((short) bits);
            assertTrue(
                    Float.isNaN(brain) || TensorType.floatToBfloat(brain) == (short) bits,
                    "" + bits);
        }
        assertTrue(Float.isNaN(TensorType.halfToFloat(TensorType.floatToHalf(Float.NaN))));
        assertTrue(Float.isNaN(TensorType.bfloatToFloat(TensorType.floatToBfloat(Float.NaN))));
    }

    /** Multiples of the unit in the last of {@code digits} places, not below 2^{@code least}. */
    private static void assertNearest(float value, float rounded, int digits, int least) {
        double unit =
                Math.scalb(1.0, Math.max(least, Math.getExponent((double) value) - digits + 1));
        double expected = Math.rint(value / unit) * unit;
        double largest = digits == 11 ? 65504 : Math.scalb(255.0, 120);
        if (Math.abs(expected) > largest) {
            assertTrue(Float.isInfinite(rounded), value + " gave " + rounded);
        } else {
            assertEquals(expected, rounded, "" + value);
        }
    }

    private TensorSource source() throws IOException {
        var bytes =
                new GgufBuilder()
                        .tensor("a", new float[] {1, 2.00001f, -3, 4}, 2, 2)
                        .tensor("q", 8, block(), 32)
                        .tensor("h", 1, new byte[] {0, 0x3c, 0, (byte) 0xc0}, 2)
                        .tensor("ids", 26, new byte[] {7, 0, 0, 0}, 1)
                        .file();
        return TensorSources.open(Files.write(folder.resolve("some.gguf"), bytes));
    }

    private static byte[] block() {
        var block = new byte[34];
        block[1] = 0x3c; // the scale 1
        for (int i = 0; i < 32; i++) {
            block[2 + i] = (byte) (i - 16);
        }
        return block;
    }

    @Test
    void aModelIsWrittenInItsTypesOrInAnother() throws IOException {
        try (var source = source()) {
            var kept = folder.resolve("kept");
            SafetensorsWriter.writeModel(
                    kept, TensorData.allOf(source, null, Map.of()), Long.MAX_VALUE);
            try (var written = TensorSources.open(kept)) {
                assertEquals(Map.of("format", "pt"), written.metadata());
                assertEquals(TensorType.F16, written.info("h").type());
                assertEquals(TensorType.F32, written.info("q").type());
                assertEquals(List.of(2L, 2L), written.info("a").shape());
                assertArrayEquals(source.floats("q"), written.floats("q"));
                assertArrayEquals(source.floats("a"), written.floats("a"));
                assertArrayEquals(new long[] {7}, WholeNumbers.of(written, "ids"));
            }
            var brain = folder.resolve("brain");
            SafetensorsWriter.writeModel(
                    brain, TensorData.allOf(source, TensorType.BF16, Map.of()), Long.MAX_VALUE);
            try (var written = TensorSources.open(brain)) {
                assertEquals(TensorType.BF16, written.info("h").type());
                assertEquals(TensorType.I32, written.info("ids").type());
                assertArrayEquals(new float[] {1, 2, -3, 4}, written.floats("a"));
            }
        }
    }

    @Test
    void replacementsTakeThePlaceAndTheTypeOfWhatTheyReplace() throws IOException {
        try (var manager = NDManager.newBaseManager();
                var source = source()) {
            var merged = Map.of("h", manager.create(new float[] {0.5f, 1e-3f}, new Shape(2)));
            SafetensorsWriter.writeModel(
                    folder.resolve("m"), TensorData.allOf(source, null, merged), Long.MAX_VALUE);
            try (var written = TensorSources.open(folder.resolve("m"))) {
                assertEquals(TensorType.F16, written.info("h").type());
                assertArrayEquals(new float[] {0.5f, 0x1.064p-10f}, written.floats("h"));
            }
            var strange = Map.of("x", manager.create(new float[2]));
            assertThrows(
                    MalformedFileException.class, () -> TensorData.allOf(source, null, strange));
            var longer = Map.of("h", manager.create(new float[3]));
            SafetensorsFileTest.assertMessage(
                    "has shape [2], what replaces it [3]",
                    () -> TensorData.allOf(source, null, longer));
            var large = Map.of("h", manager.create(new float[] {1, 7e4f}));
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    SafetensorsWriter.writeModel(
                                            folder.resolve("large"),
                                            TensorData.allOf(source, null, large),
                                            Long.MAX_VALUE));
            assertTrue(error.getMessage().startsWith("h: 70000.0 is beyond"), error.getMessage());
            assertFalse(Files.exists(folder.resolve("large/model.safetensors")));
        }
    }

    @Test
    void aLargeModelIsWrittenInShardsWithTheirIndex() throws IOException {
        var tensors = new LinkedHashMap<String, TensorData>();
        for (int i = 0; i < 5; i++) {
            tensors.put("layer." + i, TensorData.of(new float[] {i, i}, 2));
        }
        var model = folder.resolve("model");
        SafetensorsWriter.writeModel(model, tensors, 20);
        try (var files = Files.list(model)) {
            assertEquals(4, files.count());
        }
        var index = Files.readString(model.resolve(ShardedSafetensors.INDEX));
        assertTrue(index.contains("\"total_size\" : 40"), index);
        assertTrue(index.contains("\"layer.4\" : \"model-00003-of-00003.safetensors\""), index);
        try (var written = TensorSources.open(model)) {
            assertEquals(List.copyOf(tensors.keySet()), List.copyOf(written.names()));
            assertArrayEquals(new float[] {3, 3}, written.floats("layer.3"));
        }
        SafetensorsFileTest.assertMessage(
                "write into an empty folder",
                () -> SafetensorsWriter.writeModel(model, tensors, Long.MAX_VALUE));
    }

    @Test
    void filesAreReadableAsTheSystemMakesThem() throws IOException {
        var file = folder.resolve("a.safetensors");
        SafetensorsWriter.write(file, Map.of("a", TensorData.of(new float[] {1}, 1)));
        var plain = Files.createFile(folder.resolve("plain"));
        assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(file));
    }
}
