package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The Gram matrix of a LoRA factor, BᵀB or AAᵀ, in float64. Holding a {@code Gram} is the proof
 * that a matrix is symmetric positive semidefinite: no flag can be wrong.
 *
 * @param matrix the r x r matrix
 */
public record Gram(DMatrixRMaj matrix) {

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

    /** The number of rows, the rank of the adapter. */
    public int size() {
        return matrix.numRows;
    }
}
