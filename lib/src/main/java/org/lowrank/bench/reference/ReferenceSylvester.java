package org.lowrank.bench.reference;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.Gram;

/**
 * The solution of AX + XB = C to full double precision, however ill-conditioned (up to about 1e15):
 * X is kept as the sum of two doubles and corrected until nothing changes, with residuals summed in
 * twice the working precision (Wilkinson's iterative refinement; error-free products and sums after
 * Dekker and Knuth).
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
        var result = new DMatrixRMaj(c.numRows, c.numCols);
        for (int i = 0; i < c.numRows; i++) {
            for (int j = 0; j < c.numCols; j++) {
                var sum = new DoubledSum(c.get(i, j));
                for (int k = 0; k < a.numCols; k++) {
                    sum.subtractProduct(a.get(i, k), high.get(k, j));
                    sum.subtractProduct(a.get(i, k), low.get(k, j));
                }
                for (int k = 0; k < b.numRows; k++) {
                    sum.subtractProduct(high.get(i, k), b.get(k, j));
                    sum.subtractProduct(low.get(i, k), b.get(k, j));
                }
                result.set(i, j, sum.value());
            }
        }
        return result;
    }

    /** A sum whose rounding errors are summed beside it. */
    private static final class DoubledSum {

        private double sum;
        private double error;

        DoubledSum(double start) {
            sum = start;
        }

        void subtractProduct(double x, double y) {
            double product = -x * y;
            double productError = Math.fma(-x, y, -product);
            double total = sum + product;
            double other = total - sum;
            error += (sum - (total - other)) + (product - other) + productError;
            sum = total;
        }

        double value() {
            return sum + error;
        }
    }
}
