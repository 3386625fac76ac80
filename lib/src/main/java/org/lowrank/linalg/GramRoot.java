package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * A root R of a Gram matrix, RᵀR = BᵀB, and its pseudo-inverse R⁺, so that Q = B R⁺ has orthonormal
 * columns: what a QR factorisation of B gives, without touching B. From BᵀB = V diag(λ) Vᵀ it takes
 * R = diag(√λ) Vᵀ and R⁺ = V diag(1/√λ). Any other root is U R with U orthogonal; a method that is
 * equivariant under such a change, as LoRA-RITE is, does not depend on which one is taken.
 *
 * <p>Eigenvalues at or below r eps times the largest, the rounding of a Gram matrix, count as 0:
 * their rows of R and columns of R⁺ are 0. At B = 0 all are.
 *
 * @param root R (r, r)
 * @param pseudoInverse R⁺ (r, r)
 */
public record GramRoot(DMatrixRMaj root, DMatrixRMaj pseudoInverse) {

    /**
     * @throws DivergedException if the matrix holds a value that is not finite
     */
    public static GramRoot of(Gram gram) {
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
