package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Llama2FileTest {

    @TempDir Path folder;

    /** dim 4, hidden 6, 2 layers, 2 heads, 1 key head, 5 words, 3 positions; values 0, 1, 2, ... */
    static byte[] file(int words) {
        int floats = 5 * 4 + 2 * (4 + 16 + 8 + 8 + 16 + 4 + 3 * 24) + 4 + 3 * 2;
        floats += words < 0 ? 5 * 4 : 0;
        var bytes = ByteBuffer.allocate(28 + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : new int[] {4, 6, 2, 2, 1, words, 3}) {
            bytes.putInt(number);
        }
        for (int i = 0; i < floats; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    private TensorSource open(byte[] file) throws IOException {
        return TensorSources.open(Files.write(folder.resolve("stories.bin"), file));
    }

    @Test
    void tensorsFollowEachOtherInTheOrderOfTheFormat() throws IOException {
        try (var source = open(file(5))) {
            assertEquals(1 + 2 * 9 + 1, source.names().size());
            assertEquals(1L, source.metadata().get("n_kv_heads"));
            assertEquals(5L, source.metadata().get("vocab_size"));
            assertEquals(List.of(5L, 4L), source.info("tok_embeddings.weight").shape());
            assertEquals(List.of(2L, 4L), source.info("layers.0.attention.wk.weight").shape());
            assertEquals(List.of(4L, 6L), source.info("layers.1.feed_forward.w2.weight").shape());
            var second = source.floats("layers.1.attention_norm.weight");
            assertArrayEquals(new float[] {24, 25, 26, 27}, second);
            assertArrayEquals(
                    new float[] {28 + 16}, source.floats("layers.1.attention.wq.weight", 0, 1));
            assertArrayEquals(new float[] {276, 277, 278, 279}, source.floats("norm.weight"));
        }
        try (var source = open(file(-5))) {
            assertEquals(5L, source.metadata().get("vocab_size"));
            // behind the tables of the rotation
            assertEquals(286, source.floats("output.weight", 0, 1)[0]);
        }
    }

    @Test
    void aFileOfAnotherLengthIsRefused() throws IOException {
        var cut = Files.write(folder.resolve("cut.bin"), Arrays.copyOf(file(5), 400));
        var error = assertThrows(MalformedFileException.class, () -> Llama2File.open(cut).close());
        assertTrue(error.getMessage().contains("dim=4"), error.getMessage());
        assertTrue(error.getMessage().contains("the file has 400"), error.getMessage());
        error = assertThrows(MalformedFileException.class, () -> TensorSources.open(cut).close());
        assertTrue(error.getMessage().contains("begin with 04 00 00 00"), error.getMessage());
    }

    @Test
    void aPublishedModelIsRead() throws IOException {
        var data = System.getenv("LOWRANK_DATA");
        var file = Path.of(data == null ? "" : data, "lm/stories260K.bin");
        Assumptions.assumeTrue(Files.isRegularFile(file), "stories260K is not in LOWRANK_DATA");
        try (var source = TensorSources.open(file)) {
            assertEquals(List.of(512L, 64L), source.info("tok_embeddings.weight").shape());
            for (var name : source.names()) {
                for (float value : source.floats(name)) {
                    assertTrue(Math.abs(value) < 100, name + " " + value);
                }
            }
        }
    }
}
