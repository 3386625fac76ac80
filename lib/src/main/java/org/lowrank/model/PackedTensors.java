package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.PackedWeight;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Packing;
import org.lowrank.engine.Precision;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorInfo;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.TensorType;

/**
 * The weights of a file in few bits: those of linear maps and of tables of words. Norms, biases,
 * positions and convolutions, which are small, are float32 in any precision.
 */
final class PackedTensors {

    /** Numbers that are read and rounded at once. */
    private static final long PIECE = 1 << 22;

    private final TensorSource file;
    private final Precision precision;

    PackedTensors(TensorSource file, Precision precision) {
        this.file = file;
        this.precision = precision;
    }

    /**
     * How a weight is to be held; empty if it is float32.
     *
     * @param linear whose weight it is; null for another array
     * @throws MalformedFileException if it lies in blocks that are not computed with as they lie
     */
    Optional<Packing> packing(AdaptableLinear linear, Place place, TensorInfo info)
            throws IOException {
        boolean eligible = linear != null && linear.patches() == null && !place.plusOne();
        if (!eligible || precision == Precision.float32) {
            return Optional.empty();
        }
        return switch (precision) {
            case bfloat16 -> Optional.of(Packing.BFLOAT16);
            case float16 -> Optional.of(Packing.FLOAT16);
            default -> asStored(place, info);
        };
    }

    private Optional<Packing> asStored(Place place, TensorInfo info) throws IOException {
        if (info.type() == TensorType.BF16) {
            return Optional.of(Packing.BFLOAT16);
        } else if (info.type() == TensorType.F16) {
            return Optional.of(Packing.FLOAT16);
        } else if (!info.type().isBlock()) {
            return Optional.empty();
        }
        var known =
                Stream.of(Packing.values())
                        .filter(packing -> packing.name().equals(info.type().name()))
                        .findFirst();
        if (known.isEmpty() || place.transposed()) {
            throw new MalformedFileException(
                    file.file(),
                    info.name(),
                    "lies in blocks of %s, which are not computed with as they lie; %s are. Take precision bfloat16 or float32"
                            .formatted(info.type(), List.of(Packing.values())));
        }
        return known;
    }

    /** The weight, of the shape that the slot has been seen to have. */
    PackedWeight read(
            Packing packing, AdaptableLinear linear, Place place, TensorInfo info, NDManager owner)
            throws IOException {
        boolean isTable = linear.role() == AdaptableLinear.Role.TABLE;
        boolean asItLies = !place.transposed() && packing.name().equals(typeName(info.type()));
        try (var scratch = owner.newSubManager()) {
            var bytes =
                    asItLies
                            ? asItLies(packing, info, scratch)
                            : rounded(packing, place, info, scratch);
            var ordered =
                    place.pairedHeads() > 0
                            ? bytes.get(scratch.create(unpaired(bytes, place.pairedHeads())))
                            : bytes;
            ordered.attach(owner);
            return new PackedWeight(packing, ordered, isTable);
        }
    }

    private static String typeName(TensorType type) {
        return switch (type) {
            case BF16 -> Packing.BFLOAT16.name();
            case F16 -> Packing.FLOAT16.name();
            default -> type.name();
        };
    }

    /** Takes some rows, from a first one. */
    private interface Rows {
        NDArray read(long first, int count) throws IOException;
    }

    private NDArray asItLies(Packing packing, TensorInfo info, NDManager scratch)
            throws IOException {
        long columns = info.shape().get(1);
        int ofRow = Math.toIntExact(packing.packed(1, columns).get(1));
        return joined(
                info.shape().get(0),
                ofRow,
                (first, count) -> {
                    var bytes = file.bytes(info.name(), first * ofRow, count * ofRow);
                    var shape = new Shape(count, ofRow);
                    if (!bytes.isDirect()) {
                        var copy = new byte[bytes.remaining()];
                        bytes.get(copy);
                        bytes = ByteBuffer.wrap(copy);
                    }
                    try (var overFile = scratch.create(bytes, shape, DataType.UINT8)) {
                        return overFile.duplicate();
                    }
                });
    }

    private NDArray rounded(Packing packing, Place place, TensorInfo info, NDManager scratch)
            throws IOException {
        if (place.transposed()) {
            int rows = Math.toIntExact(info.shape().get(0));
            int columns = Math.toIntExact(info.shape().get(1));
            var values = WeightLoader.transposed(file.floats(info.name()), rows, columns);
            return packed(packing, values, columns, rows, scratch);
        }
        long columns = info.shape().get(1);
        return joined(
                info.shape().get(0),
                columns,
                (first, count) -> {
                    int number = Math.toIntExact(count * columns);
                    var values = file.floats(info.name(), first * columns, number);
                    return packed(packing, values, count, columns, scratch);
                });
    }

    private static NDArray packed(
            Packing packing, float[] values, long rows, long columns, NDManager scratch) {
        try (var plain = Arrays.nativeCopy(scratch, values, new Shape(rows, columns))) {
            return packing.of(plain, scratch);
        }
    }

    private static NDArray joined(long rows, long ofRow, Rows reader) throws IOException {
        int atOnce = Math.toIntExact(Math.min(rows, Math.max(1, PIECE / ofRow)));
        var pieces = new ArrayList<NDArray>();
        for (long first = 0; first < rows; first += atOnce) {
            pieces.add(reader.read(first, (int) Math.min(atOnce, rows - first)));
        }
        if (pieces.size() == 1) {
            return pieces.get(0);
        }
        var all = NDArrays.concat(new NDList(pieces), 0);
        pieces.forEach(NDArray::close);
        return all;
    }

    /** Which row of the file comes where. */
    private static long[] unpaired(NDArray bytes, int heads) {
        int rows = Math.toIntExact(bytes.getShape().get(0));
        var from = new long[rows];
        for (int row = 0; row < rows; row++) {
            from[WeightLoader.placeUnpaired(row, rows, heads)] = row;
        }
        return from;
    }

    /** Looks at some rows, which live for the call alone. */
    interface Reader {
        void read(long firstRow, NDArray numbers) throws IOException;
    }

    /** The numbers of a weight, some rows at a time. */
    static void inPieces(PackedWeight weight, Reader reader) throws IOException {
        var packing = weight.packing();
        var stored = weight.stored();
        long rows = stored.getShape().get(0);
        long atOnce = Math.max(1, PIECE / packing.columns(stored));
        for (long first = 0; first < rows; first += atOnce) {
            try (var piece = stored.get(first + ":" + Math.min(rows, first + atOnce));
                    var dense = packing.dense(piece, stored.getManager())) {
                reader.read(first, dense);
            }
        }
    }
}
