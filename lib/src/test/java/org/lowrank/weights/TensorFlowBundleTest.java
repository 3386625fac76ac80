package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFlowBundleTest {

    private static final String KERNEL = "module/bert/encoder/layer_0/output/dense/kernel";
    private static final String GAMMA = "module/bert/encoder/layer_0/output/LayerNorm/gamma";
    private static final TensorBundleBuilder BUNDLE =
            new TensorBundleBuilder()
                    .tensor(KERNEL, new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                    .tensor(GAMMA, new float[] {7, 8, 9}, 3)
                    .tensor("module/bert/embeddings/word_embeddings", new float[] {1, 2}, 1, 2)
                    .tensor("module/cls/predictions/output_bias", new float[] {-1}, 1);

    @TempDir Path folder;

    private TensorSource open(byte[] data, byte[] index) throws IOException {
        Files.write(folder.resolve("some.data-00000-of-00001"), data);
        return TensorFlowBundle.open(Files.write(folder.resolve("some.index"), index));
    }

    private String refusal(byte[] data, byte[] index) {
        return assertThrows(
                        MalformedFileException.class,
                        () -> {
                            try (var source = open(data, index)) {
                                for (var name : source.names()) {
                                    source.floats(name);
                                }
                            }
                        })
                .getMessage();
    }

    private static void assertSays(String message, String... parts) {
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @Test
    void variablesComeUnderTheirNames() throws IOException {
        try (var source = open(BUNDLE.data(), BUNDLE.index())) {
            assertEquals(4, source.names().size());
            assertEquals(List.of(2L, 3L), source.info(KERNEL).shape());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, source.floats(KERNEL));
            assertArrayEquals(new float[] {8, 9}, source.floats(GAMMA, 1, 2));
            assertArrayEquals(
                    new float[] {-1}, source.floats("module/cls/predictions/output_bias"));
        }
        Files.createDirectories(folder.resolve("variables"));
        for (var end : List.of("index", "data-00000-of-00001")) {
            Files.move(folder.resolve("some." + end), folder.resolve("variables/variables." + end));
        }
        try (var source = TensorSources.open(folder)) {
            assertEquals(4, source.names().size());
        }
    }

    @Test
    void anAlteredValueIsToldByTheChecksumOfItsTensor() {
        var data = BUNDLE.data();
        data[25] ^= 1;
        assertSays(refusal(data, BUNDLE.index()), "some.index", GAMMA, "checksum", "altered");
    }

    @Test
    void truncatedDataIsNamedWithTheTensor() {
        var cut = Arrays.copyOf(BUNDLE.data(), 30);
        assertSays(refusal(cut, BUNDLE.index()), "some.index", GAMMA, "which ends at byte 30");
    }

    @Test
    void everyAlteredByteOfTheIndexIsRefused() {
        var index = BUNDLE.index();
        int footer = index.length - 48;
        for (int i = 0; i < footer; i++) {
            var altered = index.clone();
            altered[i] ^= 4;
            assertSays(refusal(BUNDLE.data(), altered), "some.index");
        }
    }

    @Test
    void aTruncatedIndexIsRefused() {
        var index = BUNDLE.index();
        for (int length = 7; length < index.length; length += 7) {
            var message = refusal(BUNDLE.data(), Arrays.copyOf(index, length));
            assertSays(message, "some.index", "LevelDB");
        }
    }

    @Test
    void aCheckpointWithoutItsDataIsRefused() throws IOException {
        open(BUNDLE.data(), BUNDLE.index()).close();
        Files.delete(folder.resolve("some.data-00000-of-00001"));
        var error =
                assertThrows(
                        MalformedFileException.class,
                        () -> TensorFlowBundle.open(folder.resolve("some.index")).close());
        assertSays(error.getMessage(), "some.data-00000-of-00001", "no such file", "some.index");
    }
}
