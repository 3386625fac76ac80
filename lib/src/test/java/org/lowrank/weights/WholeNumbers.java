package org.lowrank.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;

/** Tensors of int64, which the library itself never reads as numbers. */
public final class WholeNumbers {

    private WholeNumbers() {}

    public static long[] of(TensorSource source, String name) throws IOException {
        var info = source.info(name);
        assertEquals(TensorType.I64, info.type(), name);
        var values = new long[Math.toIntExact(info.elements())];
        source.bytes(name, 0, Long.BYTES * values.length).asLongBuffer().get(values);
        return values;
    }
}
