package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;

/**
 * AX + XB = C for symmetric A = U diag(a) Uᵀ and B = V diag(b) Vᵀ:
 *
 * <pre>
 *   X = U [ (Uᵀ C V)ᵢⱼ / (aᵢ + bⱼ) ] Vᵀ
 * </pre>
 *
 * The default for Gram matrices: two symmetric eigendecompositions, orthogonal transformations
 * only. (The released code of LoRA-Pro takes general complex eigenvectors and inverts them; with
 * symmetric coefficients that is slower and no more accurate.) In the singular case the terms whose
 * aᵢ + bⱼ is 0 to working precision are left out, which is the least-squares solution of smallest
 * norm.
 */
public final class EigenSylvester implements SylvesterSolver {

    /** Coefficients that are meant to be symmetric may carry the rounding of a product. */
    private static final double ASYMMETRY = 1e-12;

    @Override
    public FactoredSylvester factor(DMatrixRMaj a, DMatrixRMaj b) {
        var equation = new SylvesterEquation(a, b);
        SymmetricEigen.requireSymmetric(
                a, "A of EigenSylvester (for general coefficients: SchurSylvester)", ASYMMETRY);
        SymmetricEigen.requireSymmetric(
                b, "B of EigenSylvester (for general coefficients: SchurSylvester)", ASYMMETRY);
        if (!equation.isFinite()) {
            return equation.refused(Status.NON_FINITE_INPUT);
        }
        var left = SymmetricEigen.find(a);
        var right = SymmetricEigen.find(b);
        if (left.isEmpty() || right.isEmpty()) {
            return equation.refused(Status.NO_CONVERGENCE);
        }
        return new Factored(equation, left.get(), right.get());
    }

    @Override
    public String toString() {
        return "EigenSylvester";
    }

    private record Factored(SylvesterEquation equation, SymmetricEigen left, SymmetricEigen right)
            implements FactoredSylvester {

        @Override
        public Solution solve(DMatrixRMaj c) {
            equation.requireShape(c);
            double separation = separation();
            if (MatrixFeatures_DDRM.hasUncountable(c)) {
                return equation.unsolved(Status.NON_FINITE_INPUT, separation);
            }
            boolean singular = separation <= equation.singularBelow();
            return equation.solved(c, this::attempt, singular, separation);
        }

        private DMatrixRMaj attempt(DMatrixRMaj c) {
            var work = new DMatrixRMaj(c.numRows, c.numCols);
            var x = new DMatrixRMaj(c.numRows, c.numCols);
            CommonOps_DDRM.multTransA(left.vectors(), c, work);
            CommonOps_DDRM.mult(work, right.vectors(), x);
            divide(x);
            CommonOps_DDRM.mult(left.vectors(), x, work);
            CommonOps_DDRM.multTransB(work, right.vectors(), x);
            return x;
        }

        private void divide(DMatrixRMaj x) {
            double zero = equation.singularBelow();
            for (int i = 0; i < x.numRows; i++) {
                for (int j = 0; j < x.numCols; j++) {
                    double sum = left.values()[i] + right.values()[j];
                    x.set(i, j, Math.abs(sum) <= zero ? 0 : x.get(i, j) / sum);
                }
            }
        }

        private double separation() {
            double smallest = Double.POSITIVE_INFINITY;
            for (double a : left.values()) {
                for (double b : right.values()) {
                    smallest = Math.min(smallest, Math.abs(a + b));
                }
            }
            return smallest;
        }
    }
}
