package org.lowrank.bench.reference;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.lowrank.linalg.FactoredSylvester;
import org.lowrank.linalg.Solution;
import org.lowrank.linalg.Status;
import org.lowrank.linalg.SylvesterEquation;
import org.lowrank.linalg.SylvesterSolver;
import org.lowrank.linalg.SymmetricEigen;

/**
 * AX + XB = C as one linear system of mn unknowns,
 *
 * <pre>
 *   (A ⊗ Iₙ + Iₘ ⊗ Bᵀ) vec(X) = vec(C),    vec by rows
 * </pre>
 *
 * solved by singular values. It takes (mn)³ operations and is refused above {@value
 * #LARGEST_SYSTEM} unknowns: it is the oracle that the others are tested against, for general real
 * coefficients. Its separation is the true one, the smallest singular value. In the singular case
 * its X is the least-squares solution of smallest norm.
 */
public final class KroneckerSylvester implements SylvesterSolver {

    /** More unknowns than this are refused. */
    public static final int LARGEST_SYSTEM = 1024;

    @Override
    public FactoredSylvester factor(DMatrixRMaj a, DMatrixRMaj b) {
        var equation = new SylvesterEquation(a, b);
        long unknowns = (long) a.numRows * b.numRows;
        if (unknowns > LARGEST_SYSTEM) {
            throw new IllegalArgumentException(
                    "A (%d, %d) and B (%d, %d)"
                                    .formatted(a.numRows, a.numCols, b.numRows, b.numCols)
                            + " make a system of "
                            + unknowns
                            + " unknowns; the Kronecker solver takes up to "
                            + LARGEST_SYSTEM
                            + ": use EigenSylvester (symmetric) or SchurSylvester");
        }
        if (!equation.isFinite()) {
            return equation.refused(Status.NON_FINITE_INPUT);
        }
        if (unknowns == 0) {
            return c -> {
                equation.requireShape(c);
                return equation.solved(c, DMatrixRMaj::copy, false, Double.POSITIVE_INFINITY);
            };
        }
        return decompose(equation);
    }

    private static FactoredSylvester decompose(SylvesterEquation equation) {
        double scale = SymmetricEigen.powerOfTwoBelow(equation.size());
        var system = system(equation, scale);
        int n = system.numRows;
        var svd = DecompositionFactory_DDRM.svd(n, n, true, true, false);
        if (!svd.decompose(system)) {
            return equation.refused(Status.NO_CONVERGENCE);
        }
        var values = svd.getSingularValues();
        return new Factored(equation, svd.getU(null, true), values, svd.getV(null, true), scale);
    }

    private static DMatrixRMaj system(SylvesterEquation equation, double scale) {
        var a = equation.a().copy();
        var bTransposed = CommonOps_DDRM.transpose(equation.b(), null);
        CommonOps_DDRM.divide(a, scale);
        CommonOps_DDRM.divide(bTransposed, scale);
        var left = CommonOps_DDRM.kron(a, CommonOps_DDRM.identity(bTransposed.numRows), null);
        var right = CommonOps_DDRM.kron(CommonOps_DDRM.identity(a.numRows), bTransposed, null);
        CommonOps_DDRM.addEquals(left, right);
        return left;
    }

    @Override
    public String toString() {
        return "KroneckerSylvester";
    }

    private record Factored(
            SylvesterEquation equation,
            DMatrixRMaj uTransposed,
            double[] values,
            DMatrixRMaj vTransposed,
            double scale)
            implements FactoredSylvester {

        @Override
        public Solution solve(DMatrixRMaj c) {
            equation.requireShape(c);
            double separation = scale * smallest();
            if (MatrixFeatures_DDRM.hasUncountable(c)) {
                return equation.unsolved(Status.NON_FINITE_INPUT, separation);
            }
            boolean singular = separation <= equation.singularBelow();
            return equation.solved(c, this::attempt, singular, separation);
        }

        private DMatrixRMaj attempt(DMatrixRMaj c) {
            double size = SymmetricEigen.powerOfTwoBelow(SylvesterEquation.maxAbs(c));
            var right = DMatrixRMaj.wrap(c.getNumElements(), 1, c.copy().data);
            CommonOps_DDRM.divide(right, size);
            var work = CommonOps_DDRM.mult(uTransposed, right, null);
            double zero = equation.singularBelow() / scale;
            for (int i = 0; i < work.numRows; i++) {
                work.set(i, 0, values[i] <= zero ? 0 : work.get(i, 0) / values[i]);
            }
            CommonOps_DDRM.multTransA(vTransposed, work, right);
            CommonOps_DDRM.scale(size, right);
            CommonOps_DDRM.divide(right, scale);
            return DMatrixRMaj.wrap(c.numRows, c.numCols, right.data);
        }

        private double smallest() {
            double smallest = Double.POSITIVE_INFINITY;
            for (double value : values) {
                smallest = Math.min(smallest, value);
            }
            return smallest;
        }
    }
}
