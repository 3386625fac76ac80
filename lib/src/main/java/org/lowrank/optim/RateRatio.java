package org.lowrank.optim;

import java.util.List;
import org.lowrank.adapter.PairGradient;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * LoRA+: B moves at a multiple of A's learning rate, and decays at it where {@link Decay} stands
 * before.
 *
 * <p>Source: LoRA+, arXiv 2402.12354.
 *
 * @param rateRatio learning rate of B over that of A
 */
public record RateRatio(double rateRatio) implements OptimizerStage {

    /** 16 is the paper's advice. */
    public static final Option<Double> RATE_RATIO =
            Option.number(
                    "rateRatio",
                    16,
                    "finite and above 0",
                    r -> r > 0,
                    "learning rate of B over that of A");

    public static final List<Option<?>> OPTIONS = List.of(RATE_RATIO);

    public RateRatio {
        RATE_RATIO.require(rateRatio);
    }

    public static RateRatio from(OptionValues o) {
        return new RateRatio(o.get(RATE_RATIO));
    }

    @Override
    public List<PairGradient> apply(OptimizerStep step, List<PairGradient> directions) {
        var ratio = step.constant(rateRatio);
        return directions.stream()
                .map(
                        d ->
                                new PairGradient(
                                        d.gradA(), d.gradB() == null ? null : d.gradB().mul(ratio)))
                .toList();
    }
}
