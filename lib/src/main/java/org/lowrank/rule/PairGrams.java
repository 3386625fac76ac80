package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;
import org.lowrank.linalg.Status;

/**
 * All that a gradient rule needs to know of one pair: r x r matrices in float64. They are formed on
 * the device from upcast factors and gradients; nothing larger leaves it.
 *
 * @param gramA AAᵀ
 * @param gramB BᵀB
 * @param gradAAt gᴬ_lora Aᵀ
 * @param bTGradB Bᵀ gᴮ_lora (equal to {@code gradAAt} when both gradients come from one full
 *     gradient)
 * @param scaling s of W0 + sBA
 */
public record PairGrams(
        Gram gramA, Gram gramB, DMatrixRMaj gradAAt, DMatrixRMaj bTGradB, double scaling) {

    /** The rank r of the pair. */
    public int rank() {
        return gramA.size();
    }

    /**
     * Checks both factors and both gradients: a value of a gradient that is not finite makes a row
     * or a column of its product with the factor not finite.
     *
     * @throws DivergedException if a matrix holds a value that is not finite
     */
    void requireFinite() {
        requireFinite(gramA.matrix(), "AAᵀ", "lora_A");
        requireFinite(gramB.matrix(), "BᵀB", "lora_B");
        requireFinite(gradAAt, "the product of the gradient of lora_A with Aᵀ", "its gradient");
        requireFinite(bTGradB, "the product of Bᵀ with the gradient of lora_B", "its gradient");
    }

    private static void requireFinite(DMatrixRMaj matrix, String name, String suspect) {
        if (MatrixFeatures_DDRM.hasUncountable(matrix)) {
            throw new DivergedException(
                    name
                            + " holds a value that is not finite, so "
                            + suspect
                            + " does: "
                            + Status.NON_FINITE_INPUT.advice());
        }
    }
}
