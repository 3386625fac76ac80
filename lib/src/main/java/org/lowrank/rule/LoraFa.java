package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * LoRA-FA: A is frozen, B alone moves. As in the paper, B follows its raw gradient; as in PEFT, the
 * least-squares one, s⁻² gᴮ_lora (AAᵀ + damping I)⁻¹, which is the B-step of {@link AltLora}.
 *
 * <p>Source: LoRA-FA, arXiv 2308.03303; PEFT's {@code lorafa.py} for the projected form.
 *
 * @param projected whether the gradient of B is projected, as in PEFT
 * @param damping added to AAᵀ in the projected form; 1e-8 in PEFT
 */
public record LoraFa(boolean projected, double damping) implements GradientRule {

    public LoraFa {
        PairGrams.requireDamping(damping, "LoraFa");
    }

    /** The paper's form. */
    public static LoraFa raw() {
        return new LoraFa(false, 0);
    }

    /** PEFT's form. */
    public static LoraFa projected(double damping) {
        return new LoraFa(true, damping);
    }

    @Override
    public Factors moving() {
        return Factors.B;
    }

    /**
     * @throws ArithmeticException in the projected form as {@link AltLora} for a B-step
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        if (projected) {
            return new AltLora(Factors.B, damping).coefficients(grams);
        }
        int r = grams.rank();
        return Coefficients.preconditioners(new DMatrixRMaj(r, r), CommonOps_DDRM.identity(r));
    }
}
