package org.lowrank.weights;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor to be written.
 *
 * @param content its elements, little endian, in row order; asked for when they are written, so
 *     that at most one tensor at a time is in Java's memory
 */
public record TensorData(TensorType type, List<Long> shape, Content content) {

    public TensorData {
        shape = List.copyOf(shape);
        if (type.isBlock()) {
            throw new IllegalArgumentException("blocks of " + type + " are not written");
        }
    }

    /** What writes the elements. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * An array of the engine, of type float32, float64, int64 or int32.
     *
     * @throws IllegalArgumentException for any other type
     */
    public static TensorData of(NDArray array) {
        var type =
                switch (array.getDataType()) {
                    case FLOAT32 -> TensorType.F32;
                    case FLOAT64 -> TensorType.F64;
                    case INT64 -> TensorType.I64;
                    case INT32 -> TensorType.I32;
                    default ->
                            throw new IllegalArgumentException(
                                    "arrays of type " + array.getDataType() + " are not written");
                };
        return new TensorData(
                type,
                shape(array.getShape().getShape()),
                out -> write(out, array.toByteBuffer().duplicate()));
    }

    /** A float32 tensor. */
    public static TensorData of(float[] values, long... shape) {
        return new TensorData(
                TensorType.F32,
                shape(shape),
                out -> {
                    var bytes = ByteBuffer.allocate(Float.BYTES * values.length);
                    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
                    write(out, bytes);
                });
    }

    private static void write(OutputStream out, ByteBuffer bytes) throws IOException {
        var channel = Channels.newChannel(out);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static List<Long> shape(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }

    /** The length that type and shape ask for, in bytes. */
    long length() {
        return type.bytes(shape);
    }
}
