package org.lowrank.linalg;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;

/**
 * What the solvers share: the checks of AX + XB = C and the account of a solution.
 *
 * @param size max(|A|, |B|) by entries, 0 if both are empty
 */
public record SylvesterEquation(DMatrixRMaj a, DMatrixRMaj b, double size) {

    private static final double REFINE_ABOVE = 20;

    public SylvesterEquation(DMatrixRMaj a, DMatrixRMaj b) {
        this(a, b, Math.max(maxAbs(a), maxAbs(b)));
        requireSquare(a, "A");
        requireSquare(b, "B");
    }

    private static void requireSquare(DMatrixRMaj matrix, String name) {
        if (matrix.numRows != matrix.numCols) {
            throw new IllegalArgumentException(
                    name + " of AX + XB = C must be square, but its shape is " + Shapes.of(matrix));
        }
    }

    /** True if both coefficients are. */
    public boolean isFinite() {
        return !MatrixFeatures_DDRM.hasUncountable(a) && !MatrixFeatures_DDRM.hasUncountable(b);
    }

    /**
     * Below this |aᵢ + bⱼ| counts as 0: what the rounding of an orthogonal similarity leaves of a
     * shared eigenvalue.
     */
    public double singularBelow() {
        return 2 * Math.sqrt(Math.max(a.numRows, b.numRows)) * UtilEjml.EPS * size;
    }

    /**
     * @throws IllegalArgumentException if C does not go with A and B
     */
    public void requireShape(DMatrixRMaj c) {
        if (c.numRows != a.numRows || c.numCols != b.numRows) {
            throw new IllegalArgumentException(
                    ("C of AX + XB = C must have the rows of A %s and the columns of B %s, but"
                                    + " its shape is %s")
                            .formatted(Shapes.of(a), Shapes.of(b), Shapes.of(c)));
        }
    }

    /** Coefficients that cannot be solved with, whatever the right-hand side. */
    public FactoredSylvester refused(Status status) {
        return c -> {
            requireShape(c);
            return unsolved(status, Double.NaN);
        };
    }

    /** The outcome without a solution. */
    public Solution unsolved(Status status, double separation) {
        var x = new DMatrixRMaj(a.numRows, b.numRows);
        Arrays.fill(x.data, Double.NaN);
        return new Solution(x, status, separation, Double.NaN);
    }

    /**
     * The outcome of a solve. If the residual of the first attempt is more than a few roundings, as
     * comes with sizes above 16, it is solved for once more and the correction is added (one step
     * of iterative refinement); the better of the two is kept. An X too large for a double makes
     * the outcome a singular one.
     *
     * @param attempt a new X for a right-hand side, which it does not change
     */
    public Solution solved(
            DMatrixRMaj c,
            UnaryOperator<DMatrixRMaj> attempt,
            boolean singular,
            double separation) {
        var x = attempt.apply(c);
        if (MatrixFeatures_DDRM.hasUncountable(x)) {
            return unsolved(Status.SINGULAR, separation);
        }
        var residual = residual(x, c);
        double ratio = ratio(residual, x);
        if (singular || ratio <= REFINE_ABOVE) {
            return new Solution(x, singular ? Status.SINGULAR : Status.OK, separation, ratio);
        }
        var refined = CommonOps_DDRM.add(x, attempt.apply(residual), null);
        double refinedRatio = ratio(residual(refined, c), refined);
        return refinedRatio < ratio
                ? new Solution(refined, Status.OK, separation, refinedRatio)
                : new Solution(x, Status.OK, separation, ratio);
    }

    /** C - AX - XB. */
    private DMatrixRMaj residual(DMatrixRMaj x, DMatrixRMaj c) {
        var residual = c.copy();
        SmallProduct.add(residual, -1, a, x);
        SmallProduct.add(residual, -1, x, b);
        return residual;
    }

    private double ratio(DMatrixRMaj residual, DMatrixRMaj x) {
        double largest = maxAbs(residual);
        return largest == 0 ? 0 : largest / (UtilEjml.EPS * size * maxAbs(x));
    }

    /** The largest |entry|, 0 if there is none. */
    public static double maxAbs(DMatrixRMaj matrix) {
        return matrix.getNumElements() == 0 ? 0 : CommonOps_DDRM.elementMaxAbs(matrix);
    }
}
