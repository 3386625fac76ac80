package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;

/** Tensors of int64 and int32, which the library itself never reads as numbers. */
public final class WholeNumbers {

    private WholeNumbers() {}

    public static long[] of(TensorSource source, String name) throws IOException {
        var info = source.info(name);
        var bytes = source.bytes(name, 0, Math.toIntExact(info.byteCount()));
        if (info.type() == TensorType.I32) {
            var values = new int[bytes.remaining() / Integer.BYTES];
            bytes.asIntBuffer().get(values);
            return Arrays.stream(values).asLongStream().toArray();
        }
        assertEquals(TensorType.I64, info.type(), name);
        var values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return values;
    }
}
