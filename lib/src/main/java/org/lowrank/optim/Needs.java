package org.lowrank.optim;

import java.util.Arrays;
import org.lowrank.rule.Factors;

/**
 * What a stage asks for at a step. A chain asks for what any of its stages asks, and reads the
 * factors that all of them read.
 *
 * @param reads the factors whose gradients the step reads; the others stay
 * @param freezesA true if A stays where it started, at every step
 * @param productGradients true if the method is derived from gᴬ = s BᵀG and gᴮ = s G Aᵀ for one
 *     matrix G; a layer kind whose gradients are others (AdaLoRA) cannot be trained by it
 * @param movesWithoutGradient true if a factor may move where its gradient is zero: weight decay,
 *     balancing
 * @param adamRate true if the learning rate is on AdamW's scale: then what a layer kind trains
 *     beside its pair (DoRA's m, AdaLoRA's E) moves by AdamW at the rate of the pair, as in PEFT.
 *     Elsewhere (a rate that is a share of the way to an optimum, say) it moves at the head's
 */
public record Needs(
        Factors reads,
        boolean freezesA,
        boolean productGradients,
        boolean movesWithoutGradient,
        boolean adamRate) {

    /** Both gradients, whatever they are. */
    public static final Needs NONE = new Needs(Factors.BOTH, false, false, false, false);

    /** A method that is derived from the gradients of a product BA. */
    public static final Needs PRODUCT = NONE.withProductGradients();

    public Needs withReads(Factors factors) {
        return new Needs(factors, freezesA, productGradients, movesWithoutGradient, adamRate);
    }

    public Needs withProductGradients() {
        return new Needs(reads, freezesA, true, movesWithoutGradient, adamRate);
    }

    public Needs withMoveWithoutGradient(boolean moves) {
        return new Needs(reads, freezesA, productGradients, moves, adamRate);
    }

    public Needs withAdamRate() {
        return new Needs(reads, freezesA, productGradients, movesWithoutGradient, true);
    }

    /**
     * What two stages of one chain ask for.
     *
     * @throws IllegalArgumentException if one reads A alone and the other B alone
     */
    Needs and(Needs other) {
        var both =
                Arrays.stream(Factors.values())
                        .filter(f -> f.includeA() == (reads.includeA() && other.reads.includeA()))
                        .filter(f -> f.includeB() == (reads.includeB() && other.reads.includeB()))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "one stage moves A alone and another B alone, so"
                                                        + " that nothing is left to move"));
        return new Needs(
                both,
                freezesA || other.freezesA,
                productGradients || other.productGradients,
                movesWithoutGradient || other.movesWithoutGradient,
                adamRate || other.adamRate);
    }
}
