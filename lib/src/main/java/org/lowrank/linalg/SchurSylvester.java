package org.lowrank.linalg;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;

/**
 * AX + XB = C for general real A and B, by the method of Bartels and Stewart: with the real Schur
 * forms A = U S Uᵀ and B = V T Vᵀ the equation is S Y + Y T = Uᵀ C V, solved block by block, and X
 * = U Y Vᵀ. It needs no symmetry and no eigenvectors. In the singular case it gives no X.
 *
 * <p>Source: Bartels and Stewart, Solution of the matrix equation AX + XB = C, CACM 15 (1972).
 */
public final class SchurSylvester implements SylvesterSolver {

    private final int iterations;

    /** With up to 30 QR steps an eigenvalue, as LAPACK has it. */
    public SchurSylvester() {
        this(30);
    }

    /**
     * @param iterations how many QR steps one eigenvalue may take before the status is {@link
     *     Status#NO_CONVERGENCE}
     */
    public SchurSylvester(int iterations) {
        this.iterations = iterations;
    }

    @Override
    public FactoredSylvester factor(DMatrixRMaj a, DMatrixRMaj b) {
        var equation = new SylvesterEquation(a, b);
        if (!equation.isFinite()) {
            return equation.refused(Status.NON_FINITE_INPUT);
        }
        double scale = SymmetricEigen.powerOfTwoBelow(equation.size());
        Optional<RealSchur> left = RealSchur.of(divided(a, scale), iterations);
        Optional<RealSchur> right = RealSchur.of(divided(b, scale), iterations);
        if (left.isEmpty() || right.isEmpty()) {
            return equation.refused(Status.NO_CONVERGENCE);
        }
        var triangular = new QuasiTriangularSylvester(left.get().t(), right.get().t());
        return new Factored(equation, left.get(), right.get(), triangular, scale);
    }

    @Override
    public String toString() {
        return "SchurSylvester";
    }

    private static DMatrixRMaj divided(DMatrixRMaj matrix, double scale) {
        var result = matrix.copy();
        CommonOps_DDRM.divide(result, scale);
        return result;
    }

    /** Coefficients and right-hand side are scaled to a size of about 1, so nothing overflows. */
    private record Factored(
            SylvesterEquation equation,
            RealSchur left,
            RealSchur right,
            QuasiTriangularSylvester triangular,
            double scale)
            implements FactoredSylvester {

        @Override
        public Solution solve(DMatrixRMaj c) {
            equation.requireShape(c);
            double separation = triangular.separation() * scale;
            if (MatrixFeatures_DDRM.hasUncountable(c)) {
                return equation.unsolved(Status.NON_FINITE_INPUT, separation);
            }
            if (separation <= equation.singularBelow()) {
                return equation.unsolved(Status.SINGULAR, separation);
            }
            return equation.solved(c, this::attempt, false, separation);
        }

        private DMatrixRMaj attempt(DMatrixRMaj c) {
            double size = SymmetricEigen.powerOfTwoBelow(SylvesterEquation.maxAbs(c));
            var y = divided(c, size);
            var work = new DMatrixRMaj(c.numRows, c.numCols);
            CommonOps_DDRM.multTransA(left.q(), y, work);
            CommonOps_DDRM.mult(work, right.q(), y);
            triangular.solveInPlace(y);
            CommonOps_DDRM.mult(left.q(), y, work);
            CommonOps_DDRM.multTransB(work, right.q(), y);
            CommonOps_DDRM.scale(size, y);
            CommonOps_DDRM.divide(y, scale);
            return y;
        }
    }
}
