package org.lowrank.weights;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Ranges of a tensor's elements as Java's numbers, made from the bytes of any source. */
final class Elements {

    /** Blocks of about so many bytes are decoded at once. */
    private static final int PORTION = 1 << 24;

    private Elements() {}

    static float[] floats(TensorSource source, TensorInfo info, long first, int count)
            throws IOException {
        var type = info.type();
        if (!type.isFloat()) {
            throw refusal(source, info, "is " + type + ", which float32 does not hold exactly");
        }
        check(source, info, first, count);
        var result = new float[count];
        portions(
                source,
                info,
                first,
                count,
                (bytes, skip, at, n) -> {
                    switch (type) {
                        case F32 -> bytes.asFloatBuffer().get(result, at, n);
                        case F16 -> {
                            for (int i = 0; i < n; i++) {
                                result[at + i] = TensorType.halfToFloat(bytes.getShort(2 * i));
                            }
                        }
                        case BF16 -> {
                            for (int i = 0; i < n; i++) {
                                result[at + i] = TensorType.bfloatToFloat(bytes.getShort(2 * i));
                            }
                        }
                        default -> BlockDecoder.decode(type, bytes, skip, result, at, n);
                    }
                });
        return result;
    }

    static int wholeCount(TensorSource source, String name) throws IOException {
        var info = source.info(name);
        if (info.elements() > Integer.MAX_VALUE - 8) {
            throw refusal(
                    source,
                    info,
                    "has " + info.elements() + " elements: read it in parts of at most 2^31 - 9");
        }
        return (int) info.elements();
    }

    /** Refuses a range that leaves the tensor. */
    private static void check(TensorSource source, TensorInfo info, long first, int count)
            throws MalformedFileException {
        if (first < 0 || count < 0 || first > info.elements() - count) {
            throw refusal(
                    source,
                    info,
                    String.format(
                            "elements %d to %d asked for, it has %d",
                            first, first + count, info.elements()));
        }
    }

    /** What is done with whole blocks. */
    private interface Sink {
        /**
         * @param skip elements of the first block that were not asked for
         * @param at where in the result the next goes
         * @param n how many are wanted
         */
        void take(ByteBuffer bytes, int skip, int at, int n);
    }

    private static void portions(
            TensorSource source, TensorInfo info, long first, int count, Sink sink)
            throws IOException {
        int per = info.type().blockElements();
        int size = info.type().blockBytes();
        long block = first / per;
        int skip = (int) (first % per);
        for (int done = 0; done < count; ) {
            int wanted = Math.min(PORTION / size * per - skip, count - done);
            int blocks = (skip + wanted + per - 1) / per;
            sink.take(source.bytes(info.name(), block * size, blocks * size), skip, done, wanted);
            done += wanted;
            block += blocks;
            skip = 0;
        }
    }

    private static MalformedFileException refusal(
            TensorSource source, TensorInfo info, String reason) {
        return new MalformedFileException(source.file(), info.name(), reason);
    }
}
