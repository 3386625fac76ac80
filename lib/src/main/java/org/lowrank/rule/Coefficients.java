package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What every gradient rule of both papers comes down to: four r x r matrices in float64 with
 *
 * <pre>
 *   gᴬ = leftA  gᴬ_lora + mixA A
 *   gᴮ = gᴮ_lora rightB + B mixB
 * </pre>
 *
 * so that a rule is r x r algebra alone, and no m x m, n x n or m x n matrix is formed.
 */
public record Coefficients(
        DMatrixRMaj leftA, DMatrixRMaj mixA, DMatrixRMaj rightB, DMatrixRMaj mixB) {

    /** gᴬ = leftA gᴬ_lora, gᴮ = gᴮ_lora rightB. */
    public static Coefficients preconditioners(DMatrixRMaj leftA, DMatrixRMaj rightB) {
        int r = leftA.numRows;
        return new Coefficients(leftA, new DMatrixRMaj(r, r), rightB, new DMatrixRMaj(r, r));
    }

    /** Those of the same rule times a number. */
    public Coefficients scaled(double factor) {
        return new Coefficients(
                scaled(factor, leftA),
                scaled(factor, mixA),
                scaled(factor, rightB),
                scaled(factor, mixB));
    }

    private static DMatrixRMaj scaled(double factor, DMatrixRMaj matrix) {
        var result = new DMatrixRMaj(matrix.numRows, matrix.numCols);
        CommonOps_DDRM.scale(factor, matrix, result);
        return result;
    }

    /** gᴬ = gᴬ_lora, gᴮ = gᴮ_lora. */
    public static Coefficients identity(int rank) {
        return preconditioners(CommonOps_DDRM.identity(rank), CommonOps_DDRM.identity(rank));
    }
}
