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
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {

    private static final String QUERY = "/encoder/layer.0/attention/self/query/MatMul";

    @TempDir Path folder;

    private TensorSource open(byte[] file) throws IOException {
        return OnnxFile.open(Files.write(folder.resolve("some.onnx"), file));
    }

    private String refusal(byte[] file) {
        return assertThrows(MalformedFileException.class, () -> open(file).close()).getMessage();
    }

    private static void assertSays(String message, String... parts) {
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @Test
    void namedTensorsKeepTheirNamesAndWeightsTakeThatOfTheirNode() throws IOException {
        var file =
                new OnnxFileBuilder()
                        .tensor("embeddings.LayerNorm.bias", 2, 2)
                        .tensor("embeddings.position_ids", 7, new byte[16], 1, 2)
                        .tensor("onnx::MatMul_1", 6, 2, 3)
                        .matMul(QUERY, "onnx::MatMul_1")
                        .file();
        try (var source = open(file)) {
            var kernel = "encoder/layer.0/attention/self/query/kernel";
            assertEquals(List.of("embeddings.LayerNorm.bias", kernel), List.copyOf(source.names()));
            assertArrayEquals(new float[] {1, 2}, source.floats("embeddings.LayerNorm.bias"));
            assertEquals(List.of(2L, 3L), source.info(kernel).shape());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, source.floats(kernel));
        }
    }

    @Test
    void halvesAreWidened() throws IOException {
        var halves = new byte[] {0, 0x3c, 0, (byte) 0xc0}; // 1, -2
        try (var source = open(new OnnxFileBuilder().tensor("w", 10, halves, 2).file())) {
            assertArrayEquals(new float[] {1, -2}, source.floats("w"));
        }
    }

    @Test
    void aTensorLongerThanOnePortionIsReadWhole() throws IOException {
        int count = (1 << 20) + 77;
        try (var source = open(new OnnxFileBuilder().tensor("long", count, count).file())) {
            var values = source.floats("long");
            assertEquals(count, values.length);
            assertEquals(count, values[count - 1]);
            assertEquals(1 << 20, values[(1 << 20) - 1]);
        }
    }

    @Test
    void aTruncatedFileIsNamedWithTheTensorAndWhatIsMissing() {
        var file = new OnnxFileBuilder().tensor("some.weight", 100, 10, 10).file();
        var message = refusal(Arrays.copyOf(file, file.length - 40));
        assertSays(message, "some.onnx", "tensor some.weight", "ends here", "40 more bytes");
    }

    @Test
    void everyTruncationIsRefused() {
        var file = new OnnxFileBuilder().matMul(QUERY, "w").tensor("w", 6, 2, 3).file();
        for (int length = 3; length < file.length; length++) {
            var cut = Arrays.copyOf(file, length);
            assertSays(refusal(cut), "some.onnx");
        }
    }

    @Test
    void aShapeThatItsValuesDoNotFillIsRefused() {
        var message = refusal(new OnnxFileBuilder().tensor("some.weight", 5, 2, 3).file());
        assertSays(message, "some.onnx", "tensor some.weight", "[2, 3]", "6 values", "has 5");
    }

    @Test
    void anAbsurdLengthIsRefusedBeforeMemoryIsTaken() {
        var inTensor = new OnnxFileBuilder().tensorThatClaims("some.weight", 1L << 31).file();
        assertSays(refusal(inTensor), "some.onnx", "more bytes than it has");
        var everywhere =
                new OnnxFileBuilder()
                        .tensorThatClaims("some.weight", 1L << 40)
                        .fileThatClaims(1L << 41);
        assertSays(refusal(everywhere), "some.onnx", "tensor some.weight");
        var large =
                new OnnxFileBuilder()
                        .tensorThatClaims("some.weight", 1L << 32)
                        .fileThatClaims(1L << 41);
        assertSays(refusal(large), "some.onnx", "tensor some.weight", "ends here");
    }

    @Test
    void anImpossibleShapeIsRefused() {
        var file =
                new OnnxFileBuilder().tensor("some.weight", 1, 1L << 31, 1L << 31, 1L << 31).file();
        assertSays(refusal(file), "tensor some.weight", "not possible");
    }

    @Test
    void aForeignFileIsRefused() {
        assertSays(refusal("PK\3\4 this is a zip".getBytes()), "some.onnx");
        assertSays(refusal(new byte[0]), "some.onnx", "it is empty");
        assertSays(refusal(new byte[] {8, 6}), "some.onnx", "no graph");
        var noise = new byte[4096];
        var random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            random.nextBytes(noise);
            assertSays(refusal(noise), "some.onnx");
        }
    }
}
