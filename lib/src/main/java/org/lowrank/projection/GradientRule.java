package org.lowrank.projection;

/**
 * A stateless rule that turns the raw LoRA gradients of one pair into those to follow. One class a
 * rule of a paper.
 */
public interface GradientRule {

    /**
     * @throws ArithmeticException if the rule is not defined for these matrices (a singular Gram
     *     matrix and no damping, a Sylvester equation without a unique solution, a value that is
     *     not finite)
     */
    Coefficients coefficients(PairGrams grams);

    /** The factors that get a direction; the gradient of the other one is not read. */
    default Factors moving() {
        return Factors.BOTH;
    }
}
