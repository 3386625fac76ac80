package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * Small matrices from the device to the host in one transfer: products are asked for one by one,
 * {@link #transfer()} brings them all, and each {@link Request} then hands out its own. Products
 * are formed in float64 from upcast operands.
 *
 * <p>Closing frees the arrays on the device; the matrices on the host stay.
 */
public final class Download implements AutoCloseable {

    private final NDManager scratch;
    private final NDList arrays = new NDList();
    private final List<Request> requests = new ArrayList<>();

    /**
     * @param parent a manager of the device that the operands are on
     */
    public Download(NDManager parent) {
        scratch = parent.newSubManager();
    }

    /** Where operands may be kept until this is closed. */
    NDManager scratch() {
        return scratch;
    }

    /** What was asked for: after the transfer, the matrices. */
    public static final class Request {

        private final Shape shape;
        private DMatrixRMaj[] matrices;

        private Request(Shape shape) {
            this.shape = shape;
        }

        /**
         * One matrix (p, q) a pair, in the order of the first axis.
         *
         * @throws IllegalStateException before the transfer
         */
        public DMatrixRMaj[] matrices() {
            if (matrices == null) {
                throw new IllegalStateException(
                        "the matrices are on the device still; call transfer() first");
            }
            return matrices;
        }
    }

    /** x y, for x (layers, p, k) and y (layers, k, q). */
    public Request product(NDArray x, NDArray y) {
        return take(upcast(x).matMul(upcast(y)));
    }

    /** x yᵀ, for x (layers, p, k) and y (layers, q, k). */
    public Request productTransposedRight(NDArray x, NDArray y) {
        return take(upcast(x).matMul(upcast(y).transpose(0, 2, 1)));
    }

    /** xᵀ y, for x (layers, k, p) and y (layers, k, q). */
    public Request productTransposedLeft(NDArray x, NDArray y) {
        return take(upcast(x).transpose(0, 2, 1).matMul(upcast(y)));
    }

    /** An array (layers, p, q) as it is. */
    public Request array(NDArray x) {
        return take(upcast(x));
    }

    /**
     * An operand in float64, to read only: it shares storage with a float64 operand. Freed with
     * this; for an operand of several products.
     */
    public NDArray upcast(NDArray x) {
        if (x.getDataType() == DataType.FLOAT64 && x.getManager() == scratch) {
            return x;
        }
        var copy = x.toType(DataType.FLOAT64, true);
        copy.attach(scratch);
        return copy;
    }

    private Request take(NDArray product) {
        product.attach(scratch);
        var request = new Request(product.getShape());
        arrays.add(product.flatten());
        requests.add(request);
        return request;
    }

    /** Brings everything that was asked for to the host. */
    public void transfer() {
        if (requests.isEmpty()) {
            return;
        }
        double[] values = NDArrays.concat(arrays).toDoubleArray();
        int at = 0;
        for (var request : requests) {
            at = fill(request, values, at);
        }
    }

    private static int fill(Request request, double[] values, int from) {
        int layers = Math.toIntExact(request.shape.get(0));
        int rows = Math.toIntExact(request.shape.get(1));
        int columns = Math.toIntExact(request.shape.get(2));
        request.matrices = new DMatrixRMaj[layers];
        int at = from;
        for (int layer = 0; layer < layers; layer++) {
            var matrix = new DMatrixRMaj(rows, columns);
            System.arraycopy(values, at, matrix.data, 0, rows * columns);
            request.matrices[layer] = matrix;
            at += rows * columns;
        }
        return at;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
