package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.lowrank.linalg.DivergedException;

/**
 * The scaled gradient of Riemannian preconditioned LoRA,
 *
 * <pre>
 *   gᴬ = (BᵀB + damping I)⁻¹ gᴬ_lora,   gᴮ = gᴮ_lora (AAᵀ + damping I)⁻¹
 * </pre>
 *
 * without s⁻². The released code of AltLoRA computes the same directions.
 *
 * <p>Source: Zhang and Pilanci, Riemannian Preconditioned LoRA, arXiv 2402.02347.
 *
 * @param moving the factors that get a direction
 * @param damping added to the diagonal of a Gram matrix before it is inverted; 1e-6 in that paper
 */
public record ScaledGradient(Factors moving, double damping) implements GradientRule {

    public ScaledGradient {
        PairGrams.requireDamping(damping, "ScaledGradient");
    }

    /** Both factors. */
    public ScaledGradient(double damping) {
        this(Factors.BOTH, damping);
    }

    /**
     * @throws DivergedException if A and B are both 0, or if the Gram matrix of a partner is
     *     singular but not 0 and the damping is 0
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        grams.requireNotBothZero();
        var none = new DMatrixRMaj(grams.rank(), grams.rank());
        return Coefficients.preconditioners(
                moving.includeA() ? grams.inverseB(damping) : none,
                moving.includeB() ? grams.inverseA(damping) : none);
    }
}
