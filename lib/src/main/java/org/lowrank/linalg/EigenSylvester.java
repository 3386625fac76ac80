package org.lowrank.linalg;

import java.util.Optional;
import java.util.function.Supplier;
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
        return factor(
                equation,
                () -> SymmetricEigen.find(equation.a()),
                () -> SymmetricEigen.find(equation.b()));
    }

    @Override
    public FactoredSylvester factor(Gram a, Gram b) {
        var equation = new SylvesterEquation(a.matrix(), b.matrix());
        return factor(equation, a::findEigen, b::findEigen);
    }

    private static FactoredSylvester factor(
            SylvesterEquation equation,
            Supplier<Optional<SymmetricEigen>> ofA,
            Supplier<Optional<SymmetricEigen>> ofB) {
        if (!equation.isFinite()) {
            return equation.refused(Status.NON_FINITE_INPUT);
        }
        var left = ofA.get();
        var right = ofB.get();
        if (left.isEmpty() || right.isEmpty()) {
            return equation.refused(Status.NO_CONVERGENCE);
        }
        return new Factored(
                equation,
                left.get(),
                right.get(),
                CommonOps_DDRM.transpose(left.get().vectors(), null),
                CommonOps_DDRM.transpose(right.get().vectors(), null));
    }

    @Override
    public String toString() {
        return "EigenSylvester";
    }

    private record Factored(
            SylvesterEquation equation,
            SymmetricEigen left,
            SymmetricEigen right,
            DMatrixRMaj leftTransposed,
            DMatrixRMaj rightTransposed)
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
            var x = SmallProduct.of(SmallProduct.of(leftTransposed, c), right.vectors());
            divide(x);
            return SmallProduct.of(SmallProduct.of(left.vectors(), x), rightTransposed);
        }

        private void divide(DMatrixRMaj x) {
            double zero = equation.singularBelow();
            int at = 0;
            for (double a : left.values()) {
                for (double b : right.values()) {
                    double sum = a + b;
                    x.data[at] = Math.abs(sum) <= zero ? 0 : x.data[at] / sum;
                    at++;
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
