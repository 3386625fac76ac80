package org.lowrank.optim;

import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * Adam's direction from a gradient g, in PyTorch's semantics:
 *
 * <pre>
 *   m ← β1 m + (1 − β1) g,   v ← β2 v + (1 − β2) g²
 *   d = (m / (1 − β1ᵗ)) / (√v / √(1 − β2ᵗ) + ε)
 * </pre>
 *
 * Keeps {@code firstMoment} and {@code secondMoment}, in the shape and type of the factor. The
 * arithmetic is PyTorch's own kernel, one pass over memory ({@code InPlace}); a test holds it
 * against these lines in float64.
 *
 * <p>Source: Kingma and Ba, arXiv 1412.6980; with {@link Decay} AdamW, arXiv 1711.05101.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon above 0, since an entry whose gradient has been 0 so far, as all of A's while B =
 *     0, would move by 0/0
 */
public record AdamMoments(double beta1, double beta2, double epsilon) implements AdamStage {

    public static final Option<Double> BETA1 =
            Option.number(
                    "beta1", 0.9, "in [0, 1)", b -> b >= 0 && b < 1, "decay of the first moment");
    public static final Option<Double> BETA2 =
            Option.number(
                    "beta2",
                    0.999,
                    "in [0, 1)",
                    b -> b >= 0 && b < 1,
                    "decay of the second moment");
    public static final Option<Double> EPSILON =
            Option.number(
                    "epsilon",
                    1e-8,
                    "finite and above 0",
                    e -> e > 0,
                    "added to the root of the second moment");

    public static final List<Option<?>> OPTIONS = List.of(BETA1, BETA2, EPSILON);

    /** What both papers train with: β1 = 0.9, β2 = 0.999, ε = 1e-8. */
    public static final AdamMoments DEFAULT =
            new AdamMoments(BETA1.unset(), BETA2.unset(), EPSILON.unset());

    public AdamMoments {
        BETA1.require(beta1);
        BETA2.require(beta2);
        EPSILON.require(epsilon);
    }

    public static AdamMoments from(OptionValues o) {
        return new AdamMoments(o.get(BETA1), o.get(BETA2), o.get(EPSILON));
    }

    @Override
    public List<String> names() {
        return List.of("firstMoment", "secondMoment");
    }

    @Override
    public Needs needs(long step) {
        return Needs.NONE.withAdamRate();
    }

    @Override
    public AdamMoments adam() {
        return this;
    }

    @Override
    public FactorStep counted(FactorStep f) {
        return f;
    }
}
