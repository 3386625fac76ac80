package org.lowrank.linalg;

import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;

/** The inverse of a symmetric positive definite matrix. */
final class CholeskyInverse {

    private CholeskyInverse() {}

    static DMatrixRMaj of(DMatrixRMaj matrix, String name) {
        int n = matrix.numRows;
        if (n == 0) {
            return new DMatrixRMaj(0, 0);
        }
        if (MatrixFeatures_DDRM.hasUncountable(matrix)) {
            throw new DivergedException(
                    "%s %s holds a value that is not finite, so it has no inverse: %s"
                            .formatted(name, Shapes.of(matrix), Status.NON_FINITE_INPUT.advice()));
        }
        var solver = LinearSolverFactory_DDRM.symmPosDef(n);
        if (!solver.setA(matrix.copy())) {
            throw singular(matrix, name, "a pivot of its Cholesky factorisation is not positive");
        }
        var inverse = new DMatrixRMaj(n, n);
        solver.invert(inverse);
        double condition = NormOps_DDRM.normP1(matrix) * NormOps_DDRM.normP1(inverse);
        if (!(condition < 1 / UtilEjml.EPS)) {
            throw singular(matrix, name, "its condition is " + condition);
        }
        return inverse;
    }

    private static DivergedException singular(DMatrixRMaj matrix, String name, String sign) {
        return new DivergedException(
                name
                        + " "
                        + Shapes.of(matrix)
                        + " is singular to working precision ("
                        + sign
                        + "). The factor has linearly dependent directions: an unlucky"
                        + " initialisation, a rank above what the layer can use, or a collapsed"
                        + " factor. Give a positive damping (it is added to the diagonal), lower"
                        + " the rank, or start from another initialisation.");
    }
}
