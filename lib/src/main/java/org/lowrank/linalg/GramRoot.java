package org.lowrank.linalg;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.decomposition.TriangularSolver_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * A root R of a Gram matrix, RᵀR = BᵀB, and its pseudo-inverse R⁺, so that Q = B R⁺ has orthonormal
 * columns: what a QR factorisation of B gives, without touching B. Where the columns of B are
 * clearly independent it is that of Cholesky, R upper triangular. Else from BᵀB = V diag(λ) Vᵀ it
 * takes R = diag(√λ) Vᵀ and R⁺ = V diag(1/√λ). Any other root is U R with U orthogonal; a method
 * that is equivariant under such a change, as LoRA-RITE is, does not depend on which one is taken.
 *
 * <p>Eigenvalues at or below r eps times the largest, the rounding of a Gram matrix, count as 0:
 * their rows of R and columns of R⁺ are 0. At B = 0 all are.
 *
 * @param root R (r, r)
 * @param pseudoInverse R⁺ (r, r)
 */
public record GramRoot(DMatrixRMaj root, DMatrixRMaj pseudoInverse) {

    /**
     * Squared pivots below this share of the largest leave it to the eigenvalues to say what counts
     * as 0.
     */
    private static final double CLEAR = 1e-8;

    /**
     * @throws DivergedException if the matrix holds a value that is not finite
     */
    public static GramRoot of(Gram gram) {
        return byCholesky(gram.matrix()).orElseGet(() -> byEigenvalues(gram));
    }

    /** A tenth of the work; empty where a pivot is small or a value is not finite. */
    private static Optional<GramRoot> byCholesky(DMatrixRMaj gram) {
        int n = gram.numRows;
        var cholesky = DecompositionFactory_DDRM.chol(n, true);
        if (MatrixFeatures_DDRM.hasUncountable(gram) || !cholesky.decompose(gram.copy())) {
            return Optional.empty();
        }
        var lower = cholesky.getT(null);
        double smallest = Double.POSITIVE_INFINITY;
        double largest = 0;
        for (int i = 0; i < n; i++) {
            double pivot = lower.get(i, i) * lower.get(i, i);
            smallest = Math.min(smallest, pivot);
            largest = Math.max(largest, pivot);
        }
        if (smallest < CLEAR * largest) {
            return Optional.empty();
        }
        var inverse = new DMatrixRMaj(n, n);
        TriangularSolver_DDRM.invertLower(lower.data, inverse.data, n);
        return Optional.of(
                new GramRoot(
                        CommonOps_DDRM.transpose(lower, null),
                        CommonOps_DDRM.transpose(inverse, null)));
    }

    private static GramRoot byEigenvalues(Gram gram) {
        var eigen = gram.eigen();
        double cut = gram.size() * Math.ulp(1.0);
        var root = eigen.vectors().copy();
        CommonOps_DDRM.multCols(root, eigen.mapValues(cut, Math::sqrt));
        CommonOps_DDRM.transpose(root);
        var inverse = eigen.vectors().copy();
        CommonOps_DDRM.multCols(inverse, eigen.mapValues(cut, value -> 1 / Math.sqrt(value)));
        return new GramRoot(root, inverse);
    }
}
