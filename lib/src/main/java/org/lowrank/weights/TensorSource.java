package org.lowrank.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors in the order of the file, read when they are asked for: one file or several of one
 * model, in whatever format. Opening reads names and shapes alone. Nothing is kept: whoever wants a
 * tensor twice reads it twice, from the pages of the file that the system holds.
 *
 * <p>A source may be read by several threads at once.
 */
public interface TensorSource extends Closeable {

    /** The file that was opened, for messages: of several files their index, or the first. */
    Path file();

    /** The names, in the order of their bytes. */
    Set<String> names();

    /** The file's own remarks: texts, numbers, truth values and lists of these. */
    Map<String, Object> metadata();

    /**
     * Type and shape of a tensor.
     *
     * @throws MalformedFileException if there is none of this name
     */
    TensorInfo info(String name) throws IOException;

    /**
     * Bytes {@code from} to {@code from + count - 1} of a tensor as they lie in the file: little
     * endian, read-only, a view of the mapped file where there is one.
     *
     * @throws MalformedFileException for a place outside the tensor
     */
    ByteBuffer bytes(String name, long from, int count) throws IOException;

    /**
     * Elements {@code first} to {@code first + count - 1} of a tensor in row order as float32:
     * float16 and bfloat16 widened, blocks dequantised. Rows {@code i} to {@code j - 1} of a matrix
     * (rows, columns) are {@code floats(name, i * columns, (j - i) * columns)}.
     *
     * @throws MalformedFileException for any other type, as it would lose precision, or a place
     *     outside the tensor
     */
    default float[] floats(String name, long first, int count) throws IOException {
        return Elements.floats(this, info(name), first, count);
    }

    /** A whole tensor of at most 2^31 - 1 elements. */
    default float[] floats(String name) throws IOException {
        return floats(name, 0, Elements.wholeCount(this, name));
    }
}
