package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnnxFileTest {

    private static final String QUERY = "/encoder/layer.0/attention/self/query/MatMul";

    private static OnnxFile weights(byte[] file) {
        return new OnnxFile("some.onnx", () -> new ByteArrayInputStream(file), null);
    }

    private static List<WeightTensor> read(byte[] file) throws IOException {
        var tensors = new ArrayList<WeightTensor>();
        weights(file).forEach(tensors::add);
        return tensors;
    }

    private static String refusal(byte[] file) {
        return assertThrows(WeightFileException.class, () -> read(file)).getMessage();
    }

    private static void assertSays(String message, String... parts) {
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @Test
    void namedTensorsKeepTheirNamesAndWeightsTakeThatOfTheirNodeTurned() throws IOException {
        var file =
                new OnnxFileBuilder()
                        .tensor("embeddings.LayerNorm.bias", 2, 2)
                        .tensor("embeddings.position_ids", 7, new byte[16], 1, 2)
                        .tensor("onnx::MatMul_1", 6, 2, 3)
                        .matMul(QUERY, "onnx::MatMul_1")
                        .file();
        var tensors = read(file);
        assertEquals(2, tensors.size());
        assertEquals("embeddings.LayerNorm.bias", tensors.get(0).name());
        assertArrayEquals(new float[] {1, 2}, tensors.get(0).values());
        assertEquals("encoder.layer.0.attention.self.query.weight", tensors.get(1).name());
        assertEquals(new Shape(3, 2), tensors.get(1).shape());
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, tensors.get(1).values());
    }

    @Test
    void aTensorLongerThanOnePortionIsReadWhole() throws IOException {
        int count = (1 << 20) + 77;
        var tensor = read(new OnnxFileBuilder().tensor("long", count, count).file()).get(0);
        assertEquals(count, tensor.values().length);
        assertEquals(count, tensor.values()[count - 1]);
        assertEquals(1 << 20, tensor.values()[(1 << 20) - 1]);
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
        assertSays(refusal(inTensor), "some.onnx", "more than its message has left");
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
        assertSays(refusal(new byte[0]), "some.onnx", "no graph");
        var noise = new byte[4096];
        var random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            random.nextBytes(noise);
            assertSays(refusal(noise), "some.onnx");
        }
    }

    @Test
    void anAlteredFileIsToldByItsChecksum() {
        var file = new OnnxFileBuilder().tensor("some.weight", 4, 4).file();
        var wrong = "0".repeat(64);
        var weights = new OnnxFile("some.onnx", () -> new ByteArrayInputStream(file), wrong);
        var error = assertThrows(WeightFileException.class, () -> weights.forEach(tensor -> {}));
        assertSays(error.getMessage(), "some.onnx", "sha256 should be " + wrong, "altered");
    }
}
