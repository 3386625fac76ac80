package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * Weight decay as a part of the direction d of a factor p, so that the rate stands in one place.
 * Without decay (λ = 0) the direction stays as it is.
 *
 * @param weightDecay λ
 */
public record Decay(double weightDecay, Form form) implements FactorStage {

    public static final Option<Double> WEIGHT_DECAY =
            Option.number(
                    "weightDecay",
                    0,
                    "finite and at least 0",
                    d -> d >= 0,
                    "each factor shrinks by this times the learning rate in a step");

    public static final List<Option<?>> OPTIONS = List.of(WEIGHT_DECAY);

    /** What a factor p becomes at learning rate η. */
    public enum Form {

        /** p (1 − ηλ) − η d: AdamW's. */
        DECOUPLED,

        /** p √(1 − ηλ) − η d: the product sBA shrinks by 1 − ηλ. LoRA-Pro's full mode. */
        OF_PRODUCT,

        /** (p − η d)(1 − ηλ): after the step. The released code of AltLoRA. */
        AFTER
    }

    public Decay {
        WEIGHT_DECAY.require(weightDecay);
    }

    public Decay(double weightDecay) {
        this(weightDecay, Form.DECOUPLED);
    }

    public static Decay from(OptionValues o) {
        return new Decay(o.get(WEIGHT_DECAY));
    }

    /** Whether directions stay as they are. */
    boolean isNone() {
        return weightDecay == 0;
    }

    @Override
    public Needs needs(long step) {
        return Needs.NONE.withMoveWithoutGradient(weightDecay != 0);
    }

    @Override
    public NDArray direction(FactorStep f, NDArray d) {
        if (isNone()) {
            return d;
        }
        double shrink = 1 - f.learningRate() * weightDecay;
        return switch (form) {
            case DECOUPLED -> f.factor().mul(f.constant(weightDecay)).addi(d);
            // (1 − √(1 − ηλ)) / η without a division by η
            case OF_PRODUCT ->
                    f.factor().mul(f.constant(weightDecay / (1 + Math.sqrt(shrink)))).addi(d);
            case AFTER -> f.factor().mul(f.constant(weightDecay)).addi(d.mul(f.constant(shrink)));
        };
    }
}
