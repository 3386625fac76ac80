package org.lowrank.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tensor to be written.
 *
 * @param content its elements, little endian, in row order; asked for when they are written, so
 *     that at most one tensor at a time is in Java's memory
 */
public record TensorData(TensorType type, List<Long> shape, Content content) {

    private static final int PORTION = 1 << 20;

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

    /** A range of elements. */
    @FunctionalInterface
    private interface Floats {
        float[] at(long first, int count) throws IOException;
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

    /**
     * A float32 array of the engine, rounded to another type when it is written.
     *
     * @param as F32, F16 or BF16
     */
    public static TensorData of(NDArray array, TensorType as) {
        if (array.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "only float32 is rounded to " + as + ", not " + array.getDataType());
        }
        if (as == TensorType.F32) {
            return of(array);
        }
        var shape = shape(array.getShape().getShape());
        return new TensorData(
                as,
                shape,
                out -> {
                    var values = array.toFloatArray();
                    write(
                            out,
                            as,
                            values.length,
                            (first, count) ->
                                    Arrays.copyOfRange(values, (int) first, (int) first + count));
                });
    }

    /** A float32 tensor. */
    public static TensorData of(float[] values, long... shape) {
        return new TensorData(
                TensorType.F32,
                shape(shape),
                out ->
                        write(
                                out,
                                TensorType.F32,
                                values.length,
                                (first, count) ->
                                        Arrays.copyOfRange(
                                                values, (int) first, (int) first + count)));
    }

    /**
     * A tensor of a file, read in portions when it is written.
     *
     * @param as F32, F16 or BF16 for a tensor of floats, or null for its own type (float32 for
     *     blocks); tensors of other types keep theirs
     */
    public static TensorData of(TensorSource source, String name, TensorType as)
            throws IOException {
        var info = source.info(name);
        var type = typeIn(info, as);
        if (type == info.type()) {
            return new TensorData(
                    type,
                    info.shape(),
                    out -> {
                        for (long at = 0; at < info.byteCount(); at += PORTION) {
                            int count = (int) Math.min(PORTION, info.byteCount() - at);
                            write(out, source.bytes(name, at, count));
                        }
                    });
        }
        return new TensorData(
                type,
                info.shape(),
                out ->
                        write(
                                out,
                                type,
                                info.elements(),
                                (first, count) -> source.floats(name, first, count)));
    }

    /**
     * All tensors of a model, some of them with new values of the same shapes: a merged model.
     *
     * @param as as in {@link #of(TensorSource, String, TensorType)}
     * @param replacements float32, by the names in the file; open until all is written
     * @throws MalformedFileException if a replacement is of no tensor, or of another shape
     */
    public static Map<String, TensorData> allOf(
            TensorSource source, TensorType as, Map<String, NDArray> replacements)
            throws IOException {
        var all = new LinkedHashMap<String, TensorData>();
        for (var name : source.names()) {
            all.put(name, of(source, name, as));
        }
        for (var entry : replacements.entrySet()) {
            var info = source.info(entry.getKey());
            var tensor = of(entry.getValue(), typeIn(info, as));
            if (!tensor.shape().equals(info.shape())) {
                throw new MalformedFileException(
                        source.file(),
                        info.name(),
                        "has shape " + info.shape() + ", what replaces it " + tensor.shape());
            }
            all.put(info.name(), tensor);
        }
        return all;
    }

    private static TensorType typeIn(TensorInfo info, TensorType as) {
        if (!info.type().isFloat() || as == null) {
            return info.type().isBlock() ? TensorType.F32 : info.type();
        }
        if (!as.isFloat() || as.isBlock()) {
            throw new IllegalArgumentException(
                    "weights are written as F32, F16 or BF16, not " + as);
        }
        return as;
    }

    private static void write(OutputStream out, TensorType as, long elements, Floats floats)
            throws IOException {
        for (long at = 0; at < elements; at += PORTION) {
            var values = floats.at(at, (int) Math.min(PORTION, elements - at));
            var bytes =
                    ByteBuffer.allocate(values.length * as.blockBytes())
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (float value : values) {
                switch (as) {
                    case F32 -> bytes.putFloat(value);
                    case BF16 -> bytes.putShort(TensorType.floatToBfloat(value));
                    case F16 -> bytes.putShort(half(value));
                    default -> throw new IllegalArgumentException(as + " holds no floats");
                }
            }
            write(out, bytes.flip());
        }
    }

    private static short half(float value) {
        short half = TensorType.floatToHalf(value);
        if ((half & 0x7fff) == 0x7c00 && Float.isFinite(value)) {
            throw new ArithmeticException(
                    value + " is beyond the largest float16, 65504; write it as BF16");
        }
        return half;
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
