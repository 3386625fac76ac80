package org.lowrank.bench.reference;

import java.util.Optional;
import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SchurTransformer;
import org.lowrank.linalg.SylvesterEquation;
import org.lowrank.linalg.SymmetricEigen;

/**
 * M = Q T Qᵀ with Q orthogonal and T upper quasi-triangular: 1 x 1 blocks are real eigenvalues, 2 x
 * 2 blocks complex pairs. The decomposition is Hipparchus's.
 *
 * @param q orthogonal (n, n)
 * @param t quasi-triangular (n, n), exact zeros below the blocks
 */
record SchurForm(DMatrixRMaj q, DMatrixRMaj t) {

    /**
     * The form, or nothing if the iteration does not converge.
     *
     * @param matrix square and finite, not changed
     */
    static Optional<SchurForm> of(DMatrixRMaj matrix) {
        int n = matrix.numRows;
        double largest = SylvesterEquation.maxAbs(matrix);
        if (largest == 0) { // also the empty one
            return Optional.of(new SchurForm(CommonOps_DDRM.identity(n), new DMatrixRMaj(n, n)));
        }
        double scale = SymmetricEigen.powerOfTwoBelow(largest);
        var scaled = new Array2DRowRealMatrix(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scaled.setEntry(i, j, matrix.get(i, j) / scale);
            }
        }
        try {
            var schur = new SchurTransformer(scaled);
            var t = new DMatrixRMaj(schur.getT().getData());
            clear(t);
            for (int i = 0; i < t.data.length; i++) {
                t.data[i] *= scale;
            }
            return Optional.of(new SchurForm(copy(schur.getP()), t));
        } catch (MathIllegalStateException e) {
            return Optional.empty();
        }
    }

    private static DMatrixRMaj copy(RealMatrix matrix) {
        return new DMatrixRMaj(matrix.getData());
    }

    /** What the iteration took for zero becomes it. */
    private static void clear(DMatrixRMaj t) {
        for (int i = 1; i < t.numRows; i++) {
            for (int j = 0; j < i - 1; j++) {
                t.set(i, j, 0);
            }
            double size = Math.abs(t.get(i, i)) + Math.abs(t.get(i - 1, i - 1));
            if (Math.abs(t.get(i, i - 1)) <= UtilEjml.EPS * (size == 0 ? 1 : size)) {
                t.set(i, i - 1, 0);
            }
        }
    }
}
