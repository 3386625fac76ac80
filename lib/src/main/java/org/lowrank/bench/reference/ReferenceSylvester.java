package org.lowrank.bench.reference;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.hipparchus.util.MathArrays;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.Gram;

/**
 * The solution of AX + XB = C to full double precision, however ill-conditioned (up to about 1e15):
 * X is kept as the sum of two doubles and corrected until nothing changes, with residuals summed in
 * twice the working precision (Wilkinson's iterative refinement).
 */
public final class ReferenceSylvester {

    private static final int LARGEST_NUMBER_OF_STEPS = 60;

    private ReferenceSylvester() {}

    /**
     * X, correctly rounded but for a few last bits.
     *
     * @throws ArithmeticException if the refinement does not converge
     */
    public static DMatrixRMaj solve(Gram a, Gram b, DMatrixRMaj c) {
        var solver = new EigenSylvester().factor(a, b);
        var high = new DMatrixRMaj(c.numRows, c.numCols);
        var low = new DMatrixRMaj(c.numRows, c.numCols);
        for (int step = 0; step < LARGEST_NUMBER_OF_STEPS; step++) {
            var correction = solver.solve(residual(a.matrix(), b.matrix(), c, high, low)).orThrow();
            for (int i = 0; i < high.data.length; i++) {
                double sum = high.data[i] + (low.data[i] + correction.data[i]);
                low.data[i] = (high.data[i] - sum) + (low.data[i] + correction.data[i]);
                high.data[i] = sum;
            }
            double change = CommonOps_DDRM.elementMaxAbs(correction);
            if (change <= 1e-17 * CommonOps_DDRM.elementMaxAbs(high)) {
                return high;
            }
        }
        throw new ArithmeticException(
                "the refinement of a reference solution did not converge in "
                        + LARGEST_NUMBER_OF_STEPS
                        + " steps; the equation is too ill-conditioned for this benchmark");
    }

    /** C - A(X + x) - (X + x)B, each entry summed in twice the working precision. */
    private static DMatrixRMaj residual(
            DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c, DMatrixRMaj high, DMatrixRMaj low) {
        int m = c.numRows;
        int n = c.numCols;
        var result = new DMatrixRMaj(m, n);
        var left = new double[1 + 2 * (m + n)];
        var right = new double[left.length];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                left[0] = 1;
                right[0] = c.get(i, j);
                int at = 1;
                for (var x : List.of(high, low)) {
                    for (int k = 0; k < m; k++, at++) {
                        left[at] = -a.get(i, k);
                        right[at] = x.get(k, j);
                    }
                    for (int k = 0; k < n; k++, at++) {
                        left[at] = -x.get(i, k);
                        right[at] = b.get(k, j);
                    }
                }
                result.set(i, j, MathArrays.linearCombination(left, right));
            }
        }
        return result;
    }
}
