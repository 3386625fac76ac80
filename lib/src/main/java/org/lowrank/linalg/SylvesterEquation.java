package org.lowrank.linalg;

import java.util.Arrays;
import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;

/** What the solvers share: the checks of AX + XB = C and the account of a solution. */
record SylvesterEquation(DMatrixRMaj a, DMatrixRMaj b) {

    SylvesterEquation {
        requireSquare(a, "A");
        requireSquare(b, "B");
    }

    private static void requireSquare(DMatrixRMaj matrix, String name) {
        if (matrix.numRows != matrix.numCols) {
            throw new IllegalArgumentException(
                    name + " of AX + XB = C must be square, but its shape is " + Shapes.of(matrix));
        }
    }

    boolean isFinite() {
        return !MatrixFeatures_DDRM.hasUncountable(a) && !MatrixFeatures_DDRM.hasUncountable(b);
    }

    /** max(|A|, |B|) by entries, 0 if both are empty. */
    double size() {
        return Math.max(maxAbs(a), maxAbs(b));
    }

    /**
     * Below this |aᵢ + bⱼ| counts as 0: what the rounding of an orthogonal similarity leaves of a
     * shared eigenvalue.
     */
    double singularBelow() {
        return 2 * Math.sqrt(Math.max(a.numRows, b.numRows)) * UtilEjml.EPS * size();
    }

    void requireShape(DMatrixRMaj c) {
        if (c.numRows != a.numRows || c.numCols != b.numRows) {
            throw new IllegalArgumentException(
                    "C of AX + XB = C must have the rows of A "
                            + Shapes.of(a)
                            + " and the columns of B "
                            + Shapes.of(b)
                            + ", but its shape is "
                            + Shapes.of(c));
        }
    }

    /** The outcome without a solution. */
    Solution unsolved(Status status, double separation) {
        var x = new DMatrixRMaj(a.numRows, b.numRows);
        Arrays.fill(x.data, Double.NaN);
        return new Solution(x, status, separation, Double.NaN);
    }

    /** The outcome of an attempt: an X too large for a double turns it into a singular one. */
    Solution solved(DMatrixRMaj x, DMatrixRMaj c, boolean singular, double separation) {
        if (MatrixFeatures_DDRM.hasUncountable(x)) {
            return unsolved(Status.SINGULAR, separation);
        }
        var status = singular ? Status.SINGULAR : Status.OK;
        return new Solution(x, status, separation, residualRatio(x, c));
    }

    private double residualRatio(DMatrixRMaj x, DMatrixRMaj c) {
        var residual = c.copy();
        CommonOps_DDRM.changeSign(residual);
        CommonOps_DDRM.multAdd(a, x, residual);
        CommonOps_DDRM.multAdd(x, b, residual);
        double largest = maxAbs(residual);
        return largest == 0 ? 0 : largest / (UtilEjml.EPS * size() * maxAbs(x));
    }

    static double maxAbs(DMatrixRMaj matrix) {
        return matrix.getNumElements() == 0 ? 0 : CommonOps_DDRM.elementMaxAbs(matrix);
    }
}
