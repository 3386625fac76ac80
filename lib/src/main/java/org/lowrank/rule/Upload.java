package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
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
 * Small float64 matrices from the host to the device in one transfer: they are added one stack
 * after the other, {@link #transfer()} sends them all, and {@link Slot#as} then gives the array.
 *
 * <p>Closing frees the arrays.
 */
public final class Upload implements AutoCloseable {

    private final NDManager scratch;
    private final List<DMatrixRMaj[]> stacks = new ArrayList<>();
    private final Map<DataType, NDArray> flat = new EnumMap<>(DataType.class);
    private int length;

    /**
     * @param parent a manager of the device to send to
     */
    public Upload(NDManager parent) {
        scratch = parent.newSubManager();
    }

    /** The place of a stack in the transfer. */
    public final class Slot {

        private final int from;
        private final Shape shape;

        private Slot(int from, Shape shape) {
            this.from = from;
            this.shape = shape;
        }

        /**
         * The stack (layers, p, q) on the device, in the given dtype; it lives as long as the
         * upload.
         *
         * @throws IllegalStateException before the transfer
         */
        public NDArray as(DataType type) {
            if (flat.isEmpty()) {
                throw new IllegalStateException(
                        "the matrices are on the host still; call transfer() first");
            }
            var all = flat.computeIfAbsent(type, t -> flat.get(DataType.FLOAT64).toType(t, false));
            return all.get(new NDIndex("{}:{}", from, from + shape.size())).reshape(shape);
        }
    }

    /**
     * Adds a stack of matrices of one shape.
     *
     * @throws IllegalArgumentException if there is none, or their shapes differ
     */
    public Slot add(DMatrixRMaj[] matrices) {
        if (matrices.length == 0) {
            throw new IllegalArgumentException("a stack has at least one matrix");
        }
        int rows = matrices[0].numRows;
        int columns = matrices[0].numCols;
        for (var matrix : matrices) {
            if (matrix.numRows != rows || matrix.numCols != columns) {
                throw new IllegalArgumentException(
                        "the matrices of a stack have one shape, but here are ("
                                + rows
                                + ", "
                                + columns
                                + ") and ("
                                + matrix.numRows
                                + ", "
                                + matrix.numCols
                                + ")");
            }
        }
        var slot = new Slot(length, new Shape(matrices.length, rows, columns));
        stacks.add(matrices);
        length += matrices.length * rows * columns;
        return slot;
    }

    /** Sends everything that was added. */
    public void transfer() {
        var values = new double[length];
        int at = 0;
        for (var stack : stacks) {
            for (var matrix : stack) {
                System.arraycopy(matrix.data, 0, values, at, matrix.getNumElements());
                at += matrix.getNumElements();
            }
        }
        flat.put(DataType.FLOAT64, scratch.create(values));
    }

    @Override
    public void close() {
        scratch.close();
    }
}
