package org.lowrank.weights;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor to be written.
 *
 * @param bytes its elements, little endian, in row order; asked for when they are written, so that
 *     only one tensor at a time is in Java's memory
 */
public record TensorData(TensorType type, List<Long> shape, Supplier<ByteBuffer> bytes) {

    public TensorData {
        shape = List.copyOf(shape);
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
        var shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
        return new TensorData(type, shape, () -> array.toByteBuffer().duplicate());
    }

    /** A float32 tensor. */
    public static TensorData of(float[] values, long... shape) {
        return new TensorData(
                TensorType.F32,
                Arrays.stream(shape).boxed().toList(),
                () -> {
                    var bytes =
                            ByteBuffer.allocate(values.length * Float.BYTES)
                                    .order(ByteOrder.LITTLE_ENDIAN);
                    bytes.asFloatBuffer().put(values);
                    return bytes;
                });
    }

    /** The length that type and shape ask for, in bytes. */
    long length() {
        return shape.stream().reduce((long) type.blockBytes(), Math::multiplyExact);
    }
}
