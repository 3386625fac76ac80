package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/** Singular values of X -> AX + XB, by another library than the solvers use. */
record KroneckerSingularValues(double largest, double smallest) {

    static KroneckerSingularValues of(DMatrixRMaj a, DMatrixRMaj b) {
        int m = a.numRows;
        int n = b.numRows;
        var map = new Array2DRowRealMatrix(m * n, m * n);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                // the image of the unit matrix with a one at (i, j)
                int column = i * n + j;
                for (int k = 0; k < m; k++) {
                    map.addToEntry(k * n + j, column, a.get(k, i));
                }
                for (int k = 0; k < n; k++) {
                    map.addToEntry(i * n + k, column, b.get(j, k));
                }
            }
        }
        double[] values = new SingularValueDecomposition(map).getSingularValues();
        return new KroneckerSingularValues(values[0], values[values.length - 1]);
    }

    double condition() {
        return largest / smallest;
    }
}
