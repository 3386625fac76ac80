package org.lowrank.rule;

import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.linalg.DivergedException;

/**
 * A stateless rule that turns the raw LoRA gradients of one pair into those to follow. One class a
 * rule of a paper.
 */
public interface GradientRule {

    /**
     * @param grams of finite values: that is seen to before a rule is asked
     * @throws DivergedException if the rule is not defined for these matrices (a singular Gram
     *     matrix and no damping, a Sylvester equation without a unique solution)
     */
    Coefficients coefficients(PairGrams grams);

    /**
     * The directions for one pair.
     *
     * @param raw dL/dA (r, in) and dL/dB (out, r) at the factors of the pair; not changed
     * @return in the dtype of the factors, attached to the manager of {@code raw.gradA()}
     * @throws DivergedException as {@link #coefficients}, or if a value is not finite; the message
     *     begins with the path
     */
    default PairGradient project(LoraPair pair, PairGradient raw) {
        return PairAlgebra.project(this, pair, raw);
    }
}
