package org.lowrank.projection;

import org.ejml.data.DMatrixRMaj;
import org.lowrank.linalg.Gram;

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
}
