package org.lowrank.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Named tensors that are read one at a time: one file, or a checkpoint in several files. */
public interface TensorSource extends AutoCloseable {

    /** The names, in the order of their bytes. */
    Set<String> names();

    /**
     * Type and shape of a tensor.
     *
     * @throws IOException if there is none of this name
     */
    TensorInfo info(String name) throws IOException;

    /** The file's own remarks, for example {@code format = pt}. */
    Map<String, String> metadata();

    /**
     * Elements {@code first} to {@code first + count - 1} of a tensor in row order: float32, or
     * float16 and bfloat16 widened to it.
     *
     * @throws IOException for any other type, as it would lose precision, or a place outside the
     *     tensor
     */
    float[] readFloats(String name, long first, int count) throws IOException;

    /** As {@link #readFloats(String, long, int)}, and float64. */
    double[] readDoubles(String name, long first, int count) throws IOException;

    /** Elements of an int64, int32, int16, int8, uint8 or bool tensor. */
    long[] readLongs(String name, long first, int count) throws IOException;

    /** A whole tensor of at most 2^31 - 1 elements. */
    default float[] readFloats(String name) throws IOException {
        return readFloats(name, 0, wholeCount(name));
    }

    /** A whole tensor of at most 2^31 - 1 elements. */
    default double[] readDoubles(String name) throws IOException {
        return readDoubles(name, 0, wholeCount(name));
    }

    /** A whole tensor of at most 2^31 - 1 elements. */
    default long[] readLongs(String name) throws IOException {
        return readLongs(name, 0, wholeCount(name));
    }

    /**
     * A whole floating-point tensor as an array whose storage belongs to the engine: float64 stays,
     * all else becomes float32.
     */
    default NDArray read(NDManager manager, String name) throws IOException {
        var info = info(name);
        var shape = new Shape(info.dimensions());
        // An array over a Java buffer dies with that buffer, so a copy is what is handed out.
        try (var java =
                info.type() == TensorType.F64
                        ? manager.create(readDoubles(name), shape)
                        : manager.create(readFloats(name), shape)) {
            return java.duplicate();
        }
    }

    private int wholeCount(String name) throws IOException {
        long elements = info(name).elements();
        if (elements > Integer.MAX_VALUE) {
            throw new IOException(
                    name + " has " + elements + " elements: read it in parts of at most 2^31 - 1");
        }
        return (int) elements;
    }

    @Override
    void close() throws IOException;
}
