package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Matrices between JSON, the host and the device, for the tests of the optimizers. */
final class Matrices {

    private Matrices() {}

    static DMatrixRMaj of(JsonNode rows) {
        var values = new double[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new double[rows.get(i).size()];
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = rows.get(i).get(j).asDouble();
            }
        }
        return new DMatrixRMaj(values);
    }

    /** One layer i of a stacked array, as float64. */
    static DMatrixRMaj layer(NDArray stacked, int i) {
        try (var slice = stacked.get(i);
                var wide = slice.toType(DataType.FLOAT64, false)) {
            var shape = slice.getShape();
            return new DMatrixRMaj(
                    (int) shape.get(0), (int) shape.get(1), true, wide.toDoubleArray());
        }
    }

    /** A stack of matrices of one shape, in storage of its own. */
    static NDArray stack(NDManager manager, DataType type, DMatrixRMaj... layers) {
        int size = layers[0].getNumElements();
        var numbers = new double[size * layers.length];
        for (int i = 0; i < layers.length; i++) {
            System.arraycopy(layers[i].data, 0, numbers, i * size, size);
        }
        var shape = new Shape(layers.length, layers[0].numRows, layers[0].numCols);
        // Over a Java buffer, and toType() shares it when the type is the same: hence the copy.
        try (var wide = manager.create(numbers, shape);
                var typed = wide.toType(type, false)) {
            return typed.duplicate();
        }
    }

    static DMatrixRMaj product(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.mult(a, b, null);
    }

    static DMatrixRMaj transpose(DMatrixRMaj a) {
        return CommonOps_DDRM.transpose(a, null);
    }

    static DMatrixRMaj scaled(double factor, DMatrixRMaj a) {
        var result = a.copy();
        CommonOps_DDRM.scale(factor, result);
        return result;
    }

    /** max |a − b| over max |b|; 0 if both are exactly 0. */
    static double relativeError(DMatrixRMaj actual, DMatrixRMaj expected) {
        double difference = 0;
        for (int i = 0; i < expected.data.length; i++) {
            double d = Math.abs(actual.data[i] - expected.data[i]);
            difference = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(difference, d);
        }
        return difference == 0 ? 0 : difference / CommonOps_DDRM.elementMaxAbs(expected);
    }
}
