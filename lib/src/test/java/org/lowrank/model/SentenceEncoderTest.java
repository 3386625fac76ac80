package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The three encoders against numbers that another implementation computed from the same files, in
 * numpy.
 */
class SentenceEncoderTest {

    private static final List<String> SENTENCES =
            List.of(
                    "That is a happy person",
                    "That is a happy dog",
                    "That is a very happy person",
                    "Today is a sunny day");

    private static float[][] embed(EncoderCheckpoint checkpoint) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var encoder = SentenceEncoder.load(checkpoint, manager)) {
            return encoder.embed(SENTENCES);
        }
    }

    private static double[] cosinesToTheFirst(float[][] rows) {
        return Arrays.stream(rows).skip(1).mapToDouble(row -> dot(rows[0], row)).toArray();
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Test
    void miniLmGivesTheReferenceVectors() throws IOException {
        var rows = embed(EncoderCheckpoint.ALL_MINILM_L6_V2);
        assertArrayEquals(
                new double[] {0.694577, 0.942915, 0.256876}, cosinesToTheFirst(rows), 1e-4);
        var start = Arrays.copyOf(rows[0], 4);
        assertArrayEquals(
                new float[] {-0.0338769f, 0.0919416f, 0.0487014f, -0.0348835f}, start, 1e-4f);
        assertEquals(1, dot(rows[3], rows[3]), 1e-6);
    }

    @Test
    void bgeSmallGivesTheReferenceCosines() throws IOException {
        var rows = embed(EncoderCheckpoint.BGE_SMALL_EN_V1_5);
        assertArrayEquals(
                new double[] {0.853339, 0.975986, 0.662822}, cosinesToTheFirst(rows), 1e-4);
    }

    @Test
    void e5SmallGivesTheReferenceCosines() throws IOException {
        var rows = embed(EncoderCheckpoint.E5_SMALL_V2);
        assertArrayEquals(
                new double[] {0.926519, 0.965933, 0.825434}, cosinesToTheFirst(rows), 1e-4);
    }
}
