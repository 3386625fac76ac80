package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.PairStack;

/**
 * Optimizer state as bytes: a header with the optimizer's full description and its step count, then
 * for each pair its path and its arrays (name, type, shape, little-endian numbers). Bit-exact.
 *
 * <p>Format 2 describes an optimizer by its name and all its options. In format 1 the description
 * was that of a class; it is read without comparing it, since the checkpoint around it says which
 * run it belongs to, and the arrays, whose names are the same, say what they fit.
 */
final class StateFile {

    private static final String FORMAT_1 = "lowrank optimizer state 1";
    private static final String FORMAT = "lowrank optimizer state 2";

    private StateFile() {}

    static void write(DataOutput out, String optimizer, long step, OptimizerState state)
            throws IOException {
        out.writeUTF(FORMAT);
        out.writeUTF(optimizer);
        out.writeLong(step);
        out.writeInt(state.all().stream().mapToInt(s -> s.paths().size()).sum());
        for (var stack : state.all()) {
            for (int i = 0; i < stack.paths().size(); i++) {
                out.writeUTF(stack.paths().get(i));
                out.writeInt(stack.arrays().size());
                for (var entry : stack.arrays().entrySet()) {
                    out.writeUTF(entry.getKey());
                    writeSlice(out, entry.getValue(), i);
                }
            }
        }
    }

    private static void writeSlice(DataOutput out, NDArray stacked, int i) throws IOException {
        try (var slice = stacked.get(i)) {
            out.writeUTF(slice.getDataType().name());
            var shape = slice.getShape().getShape();
            out.writeInt(shape.length);
            for (long size : shape) {
                out.writeLong(size);
            }
            var numbers = slice.toByteBuffer();
            var bytes = new byte[numbers.remaining()];
            numbers.get(bytes);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    /** Reads the state for these stacks and returns the number of steps made. */
    static long read(DataInput in, String optimizer, OptimizerState state, List<PairStack> stacks)
            throws IOException {
        var format = in.readUTF();
        if (!format.equals(FORMAT) && !format.equals(FORMAT_1)) {
            throw new IOException("not an optimizer state: it begins with '" + format + "'");
        }
        var written = in.readUTF();
        if (!format.equals(FORMAT_1) && !written.equals(optimizer)) {
            throw new IOException(
                    "this state was written by "
                            + written
                            + "; "
                            + optimizer
                            + " would go on from it as another method. Build the optimizer with the"
                            + " same hyper-parameters");
        }
        long step = in.readLong();
        try (var scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            var slices = readSlices(in, stacks.get(0).loraA().getManager());
            if (!slices.isEmpty()) {
                state.restore(stacks, slices);
            }
        }
        return step;
    }

    private static Map<String, Map<String, NDArray>> readSlices(DataInput in, NDManager manager)
            throws IOException {
        var slices = new HashMap<String, Map<String, NDArray>>();
        int pairs = in.readInt();
        for (int pair = 0; pair < pairs; pair++) {
            var path = in.readUTF();
            int count = in.readInt();
            var arrays = new HashMap<String, NDArray>();
            for (int i = 0; i < count; i++) {
                arrays.put(in.readUTF(), readSlice(in, manager));
            }
            slices.put(path, arrays);
        }
        return slices;
    }

    private static NDArray readSlice(DataInput in, NDManager manager) throws IOException {
        var type = DataType.valueOf(in.readUTF());
        var shape = new long[in.readInt()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = in.readLong();
        }
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        var numbers = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        numbers.put(bytes).rewind();
        return manager.create(numbers, new Shape(shape), type);
    }
}
