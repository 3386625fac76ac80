package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorFlowBundleTest {

    private static final String KERNEL = "module/bert/encoder/layer_0/output/dense/kernel";
    private static final String GAMMA = "module/bert/encoder/layer_0/output/LayerNorm/gamma";
    private static final TensorBundleBuilder BUNDLE =
            new TensorBundleBuilder()
                    .tensor(KERNEL, new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                    .tensor(GAMMA, new float[] {7, 8, 9}, 3)
                    .tensor("module/bert/embeddings/word_embeddings", new float[] {1, 2}, 1, 2)
                    .tensor("module/cls/predictions/output_bias", new float[] {-1}, 1);

    private static Map<String, WeightTensor> read(byte[] zip) throws IOException {
        var tensors = new HashMap<String, WeightTensor>();
        new TensorFlowBundle("some.zip", () -> new ByteArrayInputStream(zip))
                .forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }

    private static String refusal(byte[] data, byte[] index) throws IOException {
        var zip = TensorBundleBuilder.zip(data, index);
        return assertThrows(WeightFileException.class, () -> read(zip)).getMessage();
    }

    private static void assertSays(String message, String... parts) {
        for (var part : parts) {
            assertTrue(message.contains(part), message + "\n  lacks: " + part);
        }
    }

    @Test
    void variablesComeUnderTheirNamesInPyTorchAndKernelsTurned() throws IOException {
        var tensors = read(TensorBundleBuilder.zip(BUNDLE.data(), BUNDLE.index()));
        assertEquals(4, tensors.size());
        var weight = tensors.get("encoder.layer.0.output.dense.weight");
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, weight.values());
        assertArrayEquals(new long[] {3, 2}, weight.shape().getShape());
        var norm = tensors.get("encoder.layer.0.output.LayerNorm.weight");
        assertArrayEquals(new float[] {7, 8, 9}, norm.values());
        var words = tensors.get("embeddings.word_embeddings.weight");
        assertArrayEquals(new float[] {1, 2}, words.values());
        assertArrayEquals(new float[] {-1}, tensors.get("cls.predictions.bias").values());
    }

    @Test
    void anAlteredValueIsToldByTheChecksumOfItsTensor() throws IOException {
        var data = BUNDLE.data();
        data[25] ^= 1;
        assertSays(refusal(data, BUNDLE.index()), "some.zip", GAMMA, "checksum", "altered");
    }

    @Test
    void truncatedDataIsNamedWithTheTensor() throws IOException {
        var cut = Arrays.copyOf(BUNDLE.data(), 30);
        assertSays(refusal(cut, BUNDLE.index()), "some.zip", GAMMA, "ends at byte 30");
    }

    @Test
    void everyAlteredByteOfTheIndexIsRefused() throws IOException {
        var index = BUNDLE.index();
        int footer = index.length - 48;
        for (int i = 0; i < footer; i++) {
            var altered = index.clone();
            altered[i] ^= 4;
            assertSays(refusal(BUNDLE.data(), altered), "some.zip");
        }
    }

    @Test
    void aTruncatedIndexIsRefused() throws IOException {
        var index = BUNDLE.index();
        for (int length = 0; length < index.length; length += 7) {
            var message = refusal(BUNDLE.data(), Arrays.copyOf(index, length));
            assertSays(message, "some.zip", "variables.index", "LevelDB");
        }
    }

    @Test
    void aZipWithoutVariablesAndAFileThatIsNoZipAreRefused() throws IOException {
        var error =
                assertThrows(WeightFileException.class, () -> read("this is not a zip".getBytes()));
        assertSays(error.getMessage(), "some.zip", "variables/variables.index");
        var zip = TensorBundleBuilder.zip(BUNDLE.data(), BUNDLE.index());
        var cut = Arrays.copyOf(zip, 60);
        error = assertThrows(WeightFileException.class, () -> read(cut));
        assertSays(error.getMessage(), "some.zip");
    }
}
