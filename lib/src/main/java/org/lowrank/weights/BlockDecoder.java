package org.lowrank.weights;

import java.nio.ByteBuffer;

/**
 * The block types of GGUF (ggml's quantisation formats) as float32: {@code d} and {@code m} are
 * float16 scales, {@code q} small integers. In float32, each product and each sum rounded by
 * itself, as the reference does it.
 *
 * <p>Blocks of 32, x = d q (+ m): Q4_0 d, 16 bytes of nibbles, q - 8; Q4_1 d, m, nibbles; Q5_0 and
 * Q5_1 the same with the fifth bits in four bytes before the nibbles; Q8_0 d, signed bytes. The low
 * nibbles are the first half of a block.
 *
 * <p>Blocks of 256, in parts of 16 or 32 with their own small scale, x = (d s) q - (m t): Q2_K to
 * Q6_K below, Q8_K with a float32 d.
 */
final class BlockDecoder {

    /** What changes no number when it is added, not even a negative zero. */
    private static final float NONE = -0f;

    private BlockDecoder() {}

    /**
     * Elements {@code skip} to {@code skip + count - 1} of a run of blocks.
     *
     * @param bytes little endian, from the first block's beginning
     */
    static void decode(
            TensorType type, ByteBuffer bytes, int skip, float[] result, int at, int count) {
        int per = type.blockElements();
        var block = new byte[type.blockBytes()];
        float[] cut = null;
        int done = 0;
        for (int from = skip; done < count; from = 0) {
            bytes.get(block);
            int n = Math.min(per - from, count - done);
            if (n == per) {
                decode(type, block, result, at + done);
            } else { // a block of which only a part is wanted
                cut = cut == null ? new float[per] : cut;
                decode(type, block, cut, 0);
                System.arraycopy(cut, from, result, at + done, n);
            }
            done += n;
        }
    }

    private static void decode(TensorType type, byte[] b, float[] x, int at) {
        switch (type) {
            case Q4_0 -> nibbles(b, 2, half(b, 0), -8, NONE, x, at);
            case Q4_1 -> nibbles(b, 4, half(b, 0), 0, half(b, 2), x, at);
            case Q5_0 -> fiveBits(b, 2, half(b, 0), -16, NONE, x, at);
            case Q5_1 -> fiveBits(b, 4, half(b, 0), 0, half(b, 2), x, at);
            case Q8_0 -> {
                float d = half(b, 0);
                for (int i = 0; i < 32; i++) {
                    x[at + i] = d * b[2 + i];
                }
            }
            case Q2_K -> q2k(b, x, at);
            case Q3_K -> q3k(b, x, at);
            case Q4_K -> q45k(b, 16, -1, x, at);
            case Q5_K -> q45k(b, 48, 16, x, at);
            case Q6_K -> q6k(b, x, at);
            case Q8_K -> {
                float d = Float.intBitsToFloat(integer(b, 0));
                for (int i = 0; i < 256; i++) {
                    x[at + i] = d * b[4 + i];
                }
            }
            default -> throw new IllegalArgumentException(type + " has no blocks");
        }
    }

    private static void nibbles(byte[] b, int q, float d, int zero, float m, float[] x, int at) {
        for (int i = 0; i < 16; i++) {
            x[at + i] = d * ((b[q + i] & 15) + zero) + m;
            x[at + i + 16] = d * ((b[q + i] >> 4 & 15) + zero) + m;
        }
    }

    private static void fiveBits(
            byte[] b, int high, float d, int zero, float m, float[] x, int at) {
        int fifth = integer(b, high);
        for (int i = 0; i < 16; i++) {
            int q = b[high + 4 + i];
            x[at + i] = d * ((q & 15 | (fifth >>> i & 1) << 4) + zero) + m;
            x[at + i + 16] = d * ((q >> 4 & 15 | (fifth >>> i + 16 & 1) << 4) + zero) + m;
        }
    }

    /** 16 bytes (scale, minimum) for parts of 16, 64 bytes of two bits each, d, m. */
    private static void q2k(byte[] b, float[] x, int at) {
        float d = half(b, 80);
        float m = half(b, 82);
        for (int i = 0; i < 256; i++) {
            int part = b[i / 16];
            // a byte holds elements 32 apart, in each half of the block
            int q = b[16 + i / 128 * 32 + i % 32] >> 2 * (i / 32 % 4) & 3;
            x[at + i] = d * (part & 15) * q - m * (part >> 4 & 15);
        }
    }

    /** 32 bytes of third bits, 64 bytes of two bits, 12 bytes of scales of six bits, d. */
    private static void q3k(byte[] b, float[] x, int at) {
        float d = half(b, 108);
        for (int i = 0; i < 256; i++) {
            int part = i / 16;
            int low = b[96 + part % 8] >> 4 * (part / 8) & 15;
            int high = b[104 + part % 4] >> 2 * (part / 4) & 3;
            int two = b[32 + i / 128 * 32 + i % 32] >> 2 * (i / 32 % 4) & 3;
            int third = b[i % 32] >> i / 32 & 1;
            x[at + i] = d * ((low | high << 4) - 32) * (two - (third == 0 ? 4 : 0));
        }
    }

    /**
     * d, m, 12 bytes of scales and minima of six bits for eight parts of 32, for five bits 32 bytes
     * of fifth bits, 128 bytes of nibbles.
     *
     * @param fifth where the fifth bits begin; -1 for none
     */
    private static void q45k(byte[] b, int nibbles, int fifth, float[] x, int at) {
        float d = half(b, 0);
        float m = half(b, 2);
        for (int part = 0; part < 8; part++) {
            int j = 4 + part % 4;
            int scale = b[j] & 63;
            int minimum = b[j + 4] & 63;
            if (part >= 4) {
                scale = b[j + 8] & 15 | (b[j] >> 6 & 3) << 4;
                minimum = b[j + 8] >> 4 & 15 | (b[j + 4] >> 6 & 3) << 4;
            }
            float ds = d * scale;
            float mt = m * minimum;
            for (int i = 0; i < 32; i++) {
                int q = b[nibbles + part / 2 * 32 + i] >> 4 * (part % 2) & 15;
                if (fifth >= 0) {
                    q |= (b[fifth + i] >> part & 1) << 4;
                }
                x[at + 32 * part + i] = ds * q - mt;
            }
        }
    }

    /** 128 bytes of low nibbles, 64 of two high bits, 16 signed scales for parts of 16, d. */
    private static void q6k(byte[] b, float[] x, int at) {
        float d = half(b, 208);
        for (int i = 0; i < 256; i++) {
            int quarter = i / 32 % 4;
            int low = b[i / 128 * 64 + quarter % 2 * 32 + i % 32] >> 4 * (quarter / 2) & 15;
            int high = b[128 + i / 128 * 32 + i % 32] >> 2 * quarter & 3;
            x[at + i] = d * b[192 + i / 16] * ((low | high << 4) - 32);
        }
    }

    private static float half(byte[] b, int at) {
        return TensorType.halfToFloat((short) (b[at] & 0xff | b[at + 1] << 8));
    }

    private static int integer(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
    }
}
