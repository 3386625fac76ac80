package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.lowrank.linalg.DivergedException;

/**
 * AltLoRA: the least-squares gradient of one factor while the other stands still,
 *
 * <pre>
 *   A-step: gᴬ = s⁻² (BᵀB + damping I)⁻¹ gᴬ_lora
 *   B-step: gᴮ = s⁻² gᴮ_lora (AAᵀ + damping I)⁻¹
 * </pre>
 *
 * A step of A alone moves W along P_B g, one of B alone along g P_A. {@link Factors#BOTH} gives
 * both from one set of factors (the joint order). Only the Gram matrix of the partner of a moving
 * factor is inverted. Without s⁻² this is {@link ScaledGradient}, which is also what the released
 * code does. The optimizers {@code altlora} and {@code altlora_plus} compute the same directions in
 * {@code org.lowrank.optim.AlignedMoments}, by inverses ({@code Partners}) that carry their
 * momentum as well.
 *
 * <p>Source: AltLoRA, arXiv 2505.12455, theorem 1 and corollary 1 (damping, 1e-6 in the paper).
 *
 * @param moving the factors that get a direction
 * @param damping added to the diagonal of a Gram matrix before it is inverted
 */
public record AltLora(Factors moving, double damping) implements GradientRule {

    public AltLora {
        PairGrams.requireDamping(damping, "AltLora");
    }

    /**
     * @throws DivergedException if A and B are both 0, or if the Gram matrix of a partner is
     *     singular but not 0 and the damping is 0
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        grams.requireNotBothZero();
        double perSquare = 1 / (grams.scaling() * grams.scaling());
        var none = new DMatrixRMaj(grams.rank(), grams.rank());
        return Coefficients.preconditioners(
                        moving.includeA() ? grams.inverseB(damping) : none,
                        moving.includeB() ? grams.inverseA(damping) : none)
                .scaled(perSquare);
    }
}
