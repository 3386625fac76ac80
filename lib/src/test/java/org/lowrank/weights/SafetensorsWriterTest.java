package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    @TempDir Path folder;

    /** (−1)^s 2^(e − 15) (1 + f / 1024); below 2^-14 whole numbers of 2^-24. */
    @Test
    void everyHalfIsWidenedByItsDefinition() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 0x1f;
            double fraction = bits & 0x3ff;
            double magnitude =
                    exponent == 0x1f
                            ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                            : exponent == 0
                                    ? fraction * 0x1p-24
                                    : Math.scalb(1 + fraction / 1024, exponent - 15);
            float expected = (float) (bits >> 15 == 0 ? magnitude : -magnitude);
            assertEquals(expected, TensorType.halfToFloat((short) bits), Integer.toHexString(bits));
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
