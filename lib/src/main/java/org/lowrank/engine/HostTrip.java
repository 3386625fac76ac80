package org.lowrank.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;

/**
 * Small float64 matrices to the host and back, one transfer each way whatever was asked for: a
 * transfer costs the same for one matrix as for a hundred, and on a GPU it waits for the device.
 *
 * <p>Stacks are announced by {@link #down} and {@link #up}; {@link #fetch} and {@link #send} move
 * all that was announced since the last one. Closing frees the arrays on the device; the matrices
 * on the host stay.
 */
public final class HostTrip implements AutoCloseable {

    private final NDManager scratch;
    private final NDList coming = new NDList();
    private final List<Small> down = new ArrayList<>();
    private final List<Small> up = new ArrayList<>();

    /**
     * @param parent a manager of the device that the arrays are on
     */
    public HostTrip(NDManager parent) {
        scratch = parent.newSubManager();
    }

    /** A stack (layers, p, q) of small matrices, on both sides once its transfer is made. */
    public static final class Small {

        private final Shape shape;
        private DMatrixRMaj[] matrices;
        private Map<DataType, NDArray> sent;
        private int from;

        private Small(Shape shape) {
            this.shape = shape;
        }

        /**
         * The matrix (p, q) of a layer on the host.
         *
         * @throws IllegalStateException before {@link HostTrip#fetch}
         */
        public DMatrixRMaj at(int layer) {
            if (matrices == null) {
                throw new IllegalStateException(
                        "the matrices are on the device still; call fetch() first");
            }
            return matrices[layer];
        }

        /**
         * The stack on the device, in the given type; it lives as long as the trip.
         *
         * @throws IllegalStateException before {@link HostTrip#send}
         */
        public NDArray array(DataType type) {
            if (sent == null) {
                throw new IllegalStateException(
                        "the matrices are on the host still; call send() first");
            }
            var all = sent.computeIfAbsent(type, t -> sent.get(DataType.FLOAT64).toType(t, false));
            return all.get(new NDIndex("{}:{}", from, from + shape.size())).reshape(shape);
        }
    }

    /**
     * Announces a stack that the host wants.
     *
     * @param small (layers, p, q), of any float type; read at {@link #fetch}, not closed
     */
    public Small down(NDArray small) {
        var wanted = new Small(small.getShape());
        var flat = small.flatten();
        flat.attach(scratch);
        // the engine gives back the same array where the type is that already
        coming.add(flat.toType(DataType.FLOAT64, false));
        down.add(wanted);
        return wanted;
    }

    /** Brings all announced stacks to the host. */
    public void fetch() {
        if (down.isEmpty()) {
            return;
        }
        double[] values = NDArrays.concat(coming).toDoubleArray();
        int at = 0;
        for (var stack : down) {
            at = fill(stack, values, at);
        }
        down.clear();
        coming.clear();
    }

    private static int fill(Small stack, double[] values, int from) {
        int rows = Math.toIntExact(stack.shape.get(1));
        int columns = Math.toIntExact(stack.shape.get(2));
        stack.matrices = new DMatrixRMaj[Math.toIntExact(stack.shape.get(0))];
        int at = from;
        for (int layer = 0; layer < stack.matrices.length; layer++) {
            var matrix = new DMatrixRMaj(rows, columns);
            System.arraycopy(values, at, matrix.data, 0, rows * columns);
            stack.matrices[layer] = matrix;
            at += rows * columns;
        }
        return at;
    }

    /**
     * Announces a stack that the device wants.
     *
     * @param matrices of one shape, not to be changed before {@link #send}
     * @throws IllegalArgumentException if there is none, or their shapes differ
     */
    public Small up(DMatrixRMaj[] matrices) {
        if (matrices.length == 0) {
            throw new IllegalArgumentException("a stack has at least one matrix");
        }
        int rows = matrices[0].numRows;
        int columns = matrices[0].numCols;
        for (var matrix : matrices) {
            if (matrix.numRows != rows || matrix.numCols != columns) {
                throw new IllegalArgumentException(
                        "the matrices of a stack have one shape, but here are (%d, %d) and (%d, %d)"
                                .formatted(rows, columns, matrix.numRows, matrix.numCols));
            }
        }
        var given = new Small(new Shape(matrices.length, rows, columns));
        given.matrices = matrices;
        up.add(given);
        return given;
    }

    /** Sends all announced stacks to the device. */
    public void send() {
        if (up.isEmpty()) {
            return;
        }
        int length = 0;
        for (var stack : up) {
            stack.from = length;
            length += Math.toIntExact(stack.shape.size());
        }
        var values = new double[length];
        Map<DataType, NDArray> sent = new EnumMap<>(DataType.class);
        for (var stack : up) {
            int at = stack.from;
            for (var matrix : stack.matrices) {
                System.arraycopy(matrix.data, 0, values, at, matrix.getNumElements());
                at += matrix.getNumElements();
            }
            stack.sent = sent;
        }
        sent.put(DataType.FLOAT64, scratch.create(values));
        up.clear();
    }

    @Override
    public void close() {
        scratch.close();
    }
}
