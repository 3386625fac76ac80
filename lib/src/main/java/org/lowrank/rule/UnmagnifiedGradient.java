package org.lowrank.rule;

import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.linalg.GramRoot;

/**
 * LoRA-RITE's unmagnified gradients: with B = Q_B R_B and Aᵀ = Q_A R_A,
 *
 * <pre>
 *   Z_Aᵀ = R_B⁺ᵀ gᴬ_lora  (= s Q_Bᵀ g)      (r, in)
 *   Z_B  = gᴮ_lora R_A⁺   (= s g Q_A)       (out, r)
 * </pre>
 *
 * the gradients with the size of the partner taken out. The roots are those of {@link GramRoot}, so
 * the basis of each differs from that of a QR factorisation by an orthogonal matrix. A partner that
 * is 0 gives 0. These are not directions for the factors: LoRA-RITE multiplies by R⁺ once more
 * after its moments.
 *
 * <p>Source: LoRA-RITE, arXiv 2410.20625, section 3.
 */
public record UnmagnifiedGradient() implements GradientRule {

    /**
     * @throws ArithmeticException if a value is not finite
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        grams.requireFinite();
        var leftA = GramRoot.of(grams.gramB()).pseudoInverse().copy();
        CommonOps_DDRM.transpose(leftA);
        return Coefficients.preconditioners(leftA, GramRoot.of(grams.gramA()).pseudoInverse());
    }
}
