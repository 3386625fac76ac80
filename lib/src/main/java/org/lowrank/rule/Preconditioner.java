package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.linalg.Gram;

/**
 * (G + damping I)⁻¹ of the Gram matrix G of a factor, what multiplies the gradient of its partner.
 *
 * <p>A factor that is exactly 0, as B is at LoRA's first step, needs a rule of its own: the raw
 * gradient of its partner is s Bᵀg = 0, so any preconditioner gives 0, and the inverse need not
 * exist. It is taken as 0 here, the pseudo-inverse, with any damping. A singular Gram matrix that
 * is not 0 is an error when the damping is 0.
 */
final class Preconditioner {

    static final String GRAM_A = "AAᵀ";
    static final String GRAM_B = "BᵀB";

    private Preconditioner() {}

    /** factor (G + damping I)⁻¹. */
    static DMatrixRMaj of(Gram gram, double damping, double factor, String name) {
        if (gram.isZero()) {
            return new DMatrixRMaj(gram.size(), gram.size());
        }
        var inverse = gram.damped(damping).inverse(damping == 0 ? name : name + " + " + damping);
        CommonOps_DDRM.scale(factor, inverse);
        return inverse;
    }

    /** Finite values, and not both factors 0: that is a saddle that no gradient leaves. */
    static void requireUsable(PairGrams grams) {
        grams.requireFinite();
        if (grams.rank() > 0 && grams.gramA().isZero() && grams.gramB().isZero()) {
            throw new ArithmeticException(
                    "A and B are both 0: both gradients vanish there and no rule can leave it;"
                            + " initialise one of the factors");
        }
    }

    static double requireDamping(double damping, String rule) {
        if (!(damping >= 0) || Double.isInfinite(damping)) {
            throw new IllegalArgumentException(
                    rule + ": damping must be finite and at least 0, not " + damping);
        }
        return damping;
    }
}
