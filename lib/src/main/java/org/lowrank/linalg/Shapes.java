package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;

/** How this package prints a shape. */
final class Shapes {

    private Shapes() {}

    static String of(DMatrixRMaj matrix) {
        return "(" + matrix.numRows + ", " + matrix.numCols + ")";
    }
}
