package org.lowrank.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.lowrank.weights.GgufBuilder;

/** A small Llama in a GGUF file, its maps in blocks of all the types that have 32 numbers. */
public final class QuantizedLlama {

    public static final int WORDS = 50;

    private static final int WIDTH = 64;
    private static final int INNER = 96;
    private static final int LAYERS = 2;

    private QuantizedLlama() {}

    /** GGUF's number of a type, its bytes, and what its numbers are about. */
    private enum Type {
        Q4_0(2, 18, 0x2400), // 2^-6
        Q4_1(3, 20, 0x2400),
        Q5_0(6, 22, 0x2000), // 2^-7
        Q8_0(8, 34, 0x1400); // 2^-10

        private final int code;
        private final int bytes;
        private final int scale;

        Type(int code, int bytes, int scale) {
            this.code = code;
            this.bytes = bytes;
            this.scale = scale;
        }

        byte[] random(int rows, int columns, Random random) {
            var all = new byte[rows * columns / 32 * bytes];
            random.nextBytes(all);
            for (int at = 0; at < all.length; at += bytes) {
                half(all, at, scale + random.nextInt(1024));
                if (this == Q4_1) {
                    half(all, at + 2, 0xb000 + random.nextInt(512)); // from -0.125
                }
            }
            return all;
        }

        private static void half(byte[] all, int at, int bits) {
            all[at] = (byte) bits;
            all[at + 1] = (byte) (bits >> 8);
        }
    }

    public static Path write(Path folder) throws IOException {
        var random = new Random(5);
        var file =
                new GgufBuilder()
                        .meta("general.architecture", "llama")
                        .meta("llama.context_length", 128)
                        .meta("llama.embedding_length", WIDTH)
                        .meta("llama.block_count", LAYERS)
                        .meta("llama.feed_forward_length", INNER)
                        .meta("llama.attention.head_count", 4)
                        .meta("llama.attention.head_count_kv", 2)
                        .meta("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        map(file, "token_embd", Type.Q8_0, WORDS, WIDTH, random);
        norm(file, "output_norm", random);
        for (int i = 0; i < LAYERS; i++) {
            var at = "blk." + i + ".";
            norm(file, at + "attn_norm", random);
            map(file, at + "attn_q", Type.Q4_1, WIDTH, WIDTH, random);
            map(file, at + "attn_k", Type.Q8_0, WIDTH / 2, WIDTH, random);
            map(file, at + "attn_v", Type.Q4_0, WIDTH / 2, WIDTH, random);
            map(file, at + "attn_output", Type.Q5_0, WIDTH, WIDTH, random);
            norm(file, at + "ffn_norm", random);
            map(file, at + "ffn_gate", Type.Q4_1, INNER, WIDTH, random);
            map(file, at + "ffn_up", Type.Q8_0, INNER, WIDTH, random);
            map(file, at + "ffn_down", Type.Q4_1, WIDTH, INNER, random);
        }
        return Files.write(folder.resolve("tiny.gguf"), file.file());
    }

    private static void map(
            GgufBuilder file, String name, Type type, int rows, int columns, Random random) {
        file.tensor(name + ".weight", type.code, type.random(rows, columns, random), columns, rows);
    }

    private static void norm(GgufBuilder file, String name, Random random) {
        var values = new float[WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + 0.1f * (float) random.nextGaussian();
        }
        file.tensor(name + ".weight", values, WIDTH);
    }
}
