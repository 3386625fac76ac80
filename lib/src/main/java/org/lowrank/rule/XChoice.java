package org.lowrank.rule;

import java.util.List;

/**
 * The free matrix X of LoRA-Pro. It does not change the equivalent gradient, only the second-order
 * term of a step and the balance of the factors.
 */
public enum XChoice {

    /** X = 0. The step of BA does not depend on the factorisation of BA. */
    ZERO,

    /**
     * BᵀB X + X AAᵀ = −s⁻²(BᵀB)⁻¹ gᴬ_lora Aᵀ: the adjusted gradients closest to the raw ones, and
     * also those of smallest norm. The default of the paper (theorem 2.3).
     */
    SYLVESTER,

    /**
     * X = −½ s⁻² (BᵀB)⁻¹ Bᵀ gᴮ_lora (AAᵀ)⁻¹: both halves of the equivalent gradient agree on the
     * part that they share, s B gᴬ and s gᴮ A each carry half of P_B g P_A.
     */
    SYMMETRIC,

    /**
     * The released code's formula for the symmetric choice, with AAᵀ in place of its inverse: X =
     * −½ s⁻² (BᵀB)⁻¹ Bᵀ gᴮ_lora AAᵀ. It does not make the halves equal; it is here so that tables
     * can be rerun either way.
     */
    SYMMETRIC_RELEASED,

    /**
     * X = ‖X_sym‖ Z / ‖Z‖ with X_sym of {@link #SYMMETRIC}, Frobenius norms, and independent normal
     * entries of Z, drawn anew for each pair and step ({@link Draws}): as large as a choice of the
     * paper, with a direction that nothing chose. What a formula is worth shows beside it.
     */
    RANDOM;

    /** Those that a formula gives: all but {@link #RANDOM}. */
    public static List<XChoice> formulas() {
        return List.of(ZERO, SYLVESTER, SYMMETRIC, SYMMETRIC_RELEASED);
    }
}
