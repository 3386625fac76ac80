package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lowrank.model.BertConfig;
import org.lowrank.model.BertEncoder;

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

    @Test
    void aFileOfAnotherModelNamesTheTensorAndWhatWasExpected() {
        var config = new BertConfig(50, 16, 2, 8, 20, 2, 1, 0);
        try (var manager = NDManager.newBaseManager()) {
            var other = weights(new OnnxFileBuilder().tensor("conv1.weight", 4, 4).file());
            var error =
                    assertThrows(
                            WeightFileException.class,
                            () -> BertEncoder.load(config, other, manager));
            assertSays(error.getMessage(), "some.onnx", "conv1.weight", "no place in the model");

            var name = "embeddings.LayerNorm.bias";
            var misshapen = weights(new OnnxFileBuilder().tensor(name, 4, 4).file());
            error =
                    assertThrows(
                            WeightFileException.class,
                            () -> BertEncoder.load(config, misshapen, manager));
            assertSays(error.getMessage(), "some.onnx", name, "should have shape (8)", "(4)");

            var few = weights(new OnnxFileBuilder().tensor(name, 8, 8).file());
            error =
                    assertThrows(
                            WeightFileException.class,
                            () -> BertEncoder.load(config, few, manager));
            assertSays(
                    error.getMessage(), "some.onnx", "lacks", "embeddings.word_embeddings.weight");

            var twice = weights(new OnnxFileBuilder().tensor(name, 8, 8).tensor(name, 8, 8).file());
            error =
                    assertThrows(
                            WeightFileException.class,
                            () -> BertEncoder.load(config, twice, manager));
            assertSays(error.getMessage(), "some.onnx", name, "twice");
            assertEquals(0, manager.getManagedArrays().size());
        }
    }

    @Test
    void aWeightThatIsNotANumberIsRefused() {
        var raw = OnnxFileBuilder.ramp(8);
        Arrays.fill(raw, 12, 16, (byte) 0xff);
        var name = "embeddings.LayerNorm.bias";
        var weights = weights(new OnnxFileBuilder().tensor(name, 1, raw, 8).file());
        try (var manager = NDManager.newBaseManager()) {
            var config = new BertConfig(50, 16, 2, 8, 20, 2, 1, 0);
            var error =
                    assertThrows(
                            WeightFileException.class,
                            () -> BertEncoder.load(config, weights, manager));
            assertSays(error.getMessage(), "some.onnx", name, "finite", "NaN");
        }
    }
}
