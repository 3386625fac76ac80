package org.lowrank.adapter;

import java.util.SplittableRandom;

/** How the factors of a pair start. */
public interface Initialization {

    /**
     * The first values of one pair.
     *
     * @param path the module path, for messages
     * @param layer the layer to be adapted, whose W0 may be read
     * @param rank r
     * @param scaling s of W0 + sBA
     * @param random the source of this pair, seeded by the run's seed and the path
     */
    Factors start(
            String path, AdaptableLinear layer, int rank, double scaling, SplittableRandom random);

    /**
     * The largest rank that this start has on a layer: min(out, in), as BA reaches no further.
     * Factors that stand already may have more: PiSSA saved as a difference has twice its rank.
     */
    default long largestRank(AdaptableLinear layer) {
        return Math.min(layer.in(), layer.out());
    }

    /**
     * True if W0 is replaced by W0 - s B A, so that the adapted weight starts where the base was
     * (PiSSA, LoRA-GA).
     */
    default boolean correctsBase() {
        return false;
    }

    /** True if one factor starts at zero. */
    default boolean hasZeroFactor() {
        return false;
    }

    /** True if the adapted model does not start at the base model's outputs (LoRA-One). */
    default boolean movesOutput() {
        return false;
    }

    /** A (r, in) and B (out, r), row by row. */
    record Factors(float[] loraA, float[] loraB) {}

    /**
     * A uniform on ±1/sqrt(in), which is what Kaiming's rule with a = sqrt(5) gives, and B = 0:
     * LoRA's start as PEFT and PyTorch have it.
     */
    Initialization KAIMING = new RandomStart(RandomStart.Law.KAIMING, false);

    /** A = 0 and B uniform on ±1/sqrt(r), Kaiming's rule for its shape (AltLoRA, table 11). */
    Initialization KAIMING_SWAPPED = new RandomStart(RandomStart.Law.KAIMING, true);

    /** A normal with standard deviation 1/r, as PEFT has it, and B = 0. */
    Initialization GAUSSIAN = new RandomStart(RandomStart.Law.GAUSSIAN, false);

    /** A = 0 and B normal with standard deviation 1/r (AltLoRA, table 11). */
    Initialization GAUSSIAN_SWAPPED = new RandomStart(RandomStart.Law.GAUSSIAN, true);

    /** A and B normal with standard deviation 0.02: for {@link AdaLora} alone, where E = 0. */
    Initialization ADALORA = new RandomStart(RandomStart.Law.ADALORA, false);
}
