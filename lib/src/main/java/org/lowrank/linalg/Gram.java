package org.lowrank.linalg;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The Gram matrix of a LoRA factor, BᵀB or AAᵀ, in float64. Holding a {@code Gram} is the proof
 * that a matrix is symmetric positive semidefinite: no flag can be wrong. Its eigenvalues are
 * computed once, when first asked for.
 */
public final class Gram {

    /** Two triangles may differ by the rounding of a product, by no more. */
    private static final double ASYMMETRY = 1e-12;

    private final DMatrixRMaj matrix;

    /** An immutable value: threads that race for it compute the same. */
    private SymmetricEigen eigen;

    /**
     * @param matrix the r x r matrix, not to be changed; entries that are not finite are let
     *     through, so that the solver that meets them can say so
     * @throws IllegalArgumentException if the matrix is not square or not symmetric
     */
    public Gram(DMatrixRMaj matrix) {
        if (matrix.numRows != matrix.numCols) {
            throw new IllegalArgumentException(
                    "a Gram matrix is square (r, r), not " + Shapes.of(matrix));
        }
        SymmetricEigen.requireSymmetric(matrix, "the Gram matrix", ASYMMETRY);
        this.matrix = matrix;
    }

    /** The r x r matrix itself, not a copy. */
    public DMatrixRMaj matrix() {
        return matrix;
    }

    /** BᵀB of a factor B of shape (out, r), upcast to float64 before it is multiplied. */
    public static Gram ofColumns(DMatrixRMaj factor) {
        var gram = new DMatrixRMaj(factor.numCols, factor.numCols);
        CommonOps_DDRM.multInner(factor, gram);
        return new Gram(gram);
    }

    /** AAᵀ of a factor A of shape (r, in), upcast to float64 before it is multiplied. */
    public static Gram ofRows(DMatrixRMaj factor) {
        var gram = new DMatrixRMaj(factor.numRows, factor.numRows);
        CommonOps_DDRM.multOuter(factor, gram);
        return new Gram(gram);
    }

    /** From a product X Xᵀ, which may differ from its transpose by rounding: the mean of both. */
    public static Gram ofProduct(DMatrixRMaj product) {
        var mean = new DMatrixRMaj(product.numRows, product.numCols);
        CommonOps_DDRM.transpose(product, mean);
        CommonOps_DDRM.add(0.5, product, 0.5, mean, mean);
        return new Gram(mean);
    }

    /** The number of rows, the rank of the adapter. */
    public int size() {
        return matrix.numRows;
    }

    /** True if every entry is exactly 0, as BᵀB is at LoRA's first step. */
    public boolean isZero() {
        return CommonOps_DDRM.elementMaxAbs(matrix) == 0;
    }

    /**
     * This matrix + damping I (a new one; the same one for damping 0).
     *
     * @throws IllegalArgumentException if the damping is negative or not finite
     */
    public Gram damped(double damping) {
        if (!(damping >= 0) || Double.isInfinite(damping)) {
            throw new IllegalArgumentException(
                    "damping is added to a Gram matrix to keep it positive definite, so it must be"
                            + " finite and at least 0, not "
                            + damping);
        }
        if (damping == 0) {
            return this;
        }
        var sum = matrix.copy();
        for (int i = 0; i < sum.numRows; i++) {
            sum.add(i, i, damping);
        }
        return new Gram(sum);
    }

    /**
     * Eigenvalues (ascending) and orthonormal eigenvectors.
     *
     * @throws DivergedException if an entry is not finite, or the iteration does not converge
     */
    public SymmetricEigen eigen() {
        if (eigen == null) {
            eigen = SymmetricEigen.of(matrix);
        }
        return eigen;
    }

    /** The same of a finite matrix, or nothing if the iteration does not converge. */
    Optional<SymmetricEigen> findEigen() {
        if (eigen == null) {
            eigen = SymmetricEigen.find(matrix).orElse(null);
        }
        return Optional.ofNullable(eigen);
    }

    /** Largest eigenvalue over smallest; infinite if the smallest is not positive. */
    public double condition() {
        var values = eigen().values();
        if (values.length == 0) {
            return 1;
        }
        return values[0] > 0 ? values[values.length - 1] / values[0] : Double.POSITIVE_INFINITY;
    }

    /**
     * The inverse, by Cholesky.
     *
     * @param name what the matrix is, for the message, for example {@code "BᵀB"}
     * @throws DivergedException if the matrix is singular to working precision (condition in the
     *     1-norm of 1/eps or more), or holds a value that is not finite
     */
    public DMatrixRMaj inverse(String name) {
        return CholeskyInverse.of(matrix, name);
    }

    /**
     * (this + damping I)⁻¹, a new matrix; 0 with any damping if this is exactly 0, as BᵀB is at
     * LoRA's first step.
     *
     * @param name as of {@link #inverse}
     * @throws DivergedException as {@link #inverse} of the damped matrix: if it is singular but not
     *     0 and the damping is 0, or a value is not finite
     */
    public DMatrixRMaj dampedInverse(double damping, String name) {
        return isZero()
                ? new DMatrixRMaj(size(), size())
                : damped(damping).inverse(damping == 0 ? name : name + " + " + damping);
    }

    /**
     * The pseudo-inverse by eigenvalues: those at or below {@code cut} times the largest count as
     * 0, and their directions are left out.
     *
     * @param cut relative, in [0, 1); the square of the cut that one would give for singular values
     *     of the factor
     * @throws DivergedException if the matrix holds a value that is not finite
     */
    public DMatrixRMaj pseudoInverse(double cut) {
        return eigen().map(cut, value -> 1 / value);
    }
}
