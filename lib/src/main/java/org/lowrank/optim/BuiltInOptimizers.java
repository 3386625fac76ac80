package org.lowrank.optim;

import java.util.List;
import java.util.function.Function;
import org.lowrank.config.Extension;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.Factors;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.ScaledGradient;
import org.lowrank.rule.XChoice;

/**
 * The optimizers of the papers as chains. {@code adamw}, {@code lora_rite}, {@code altlora} and
 * {@code altlora_plus} are the {@code optim_notes} values of AltLoRA's scripts; here they are the
 * methods as in their papers, and the names that end in {@code _released} are what the published
 * code computes.
 */
public final class BuiltInOptimizers implements Extension {

    /** What LoRA-Pro's code adds to both Gram matrices. */
    public static final double LORA_PRO_DAMPING = 1e-8;

    /** Scaled SGD and AdamW: the paper's regularisation. */
    public static final double SCALED_DAMPING = 1e-6;

    private static final List<Option<?>> ADAMW = Option.all(AdamMoments.OPTIONS, Decay.OPTIONS);

    private static final Option<XChoice> X =
            Option.choice(
                    "x", XChoice.SYLVESTER, XChoice.class, "the free matrix X of the directions");

    private static final List<Option<?>> LORA_PRO = with(LORA_PRO_DAMPING, List.of(X));

    private static List<Option<?>> with(double damping, List<Option<?>> options) {
        return Option.all(options, List.of(Damping.DAMPING.unset(damping)));
    }

    @Override
    public void register() {
        plain();
        loraPro();
        altLora();
        scaled();
        add(
                "lora_rite",
                "LoRA-RITE with the defaults of its code",
                LoraRite.OPTIONS,
                LoraRite::optimizer);
        add(
                "lora_rite_in_altlora",
                "LoRA-RITE as AltLoRA's script sets it",
                LoraRite.OPTIONS_IN_ALT_LORA,
                LoraRite::optimizer);
    }

    private static void plain() {
        add("sgd", "LoRA with gradient descent", Decay.OPTIONS, o -> of(Decay.from(o)));
        add("adamw", "LoRA with AdamW", ADAMW, o -> of(AdamMoments.from(o), Decay.from(o)));
        add(
                "lora_plus",
                "LoRA+: a larger learning rate for B",
                Option.all(ADAMW, RateRatio.OPTIONS),
                o -> of(AdamMoments.from(o), Decay.from(o), RateRatio.from(o)));
        add(
                "adamw_alternating",
                "LoRA with AdamW, one factor a step",
                Option.all(AlternatingAdam.OPTIONS, Decay.OPTIONS),
                o -> of(AlternatingAdam.from(o), Decay.from(o)));
        add(
                "lora_fa",
                "LoRA-FA: A frozen, AdamW on B",
                ADAMW,
                o -> of(new FrozenA(), AdamMoments.from(o), Decay.from(o)));
        add(
                "lora_fa_projected",
                "LoRA-FA in PEFT's form: the gradient of B projected",
                with(1e-8, Option.all(ADAMW, List.of(AdamMoments.EPSILON.unset(1e-6)))),
                o ->
                        of(
                                new FrozenA(),
                                new FollowRule(new AltLora(Factors.B, o.get(Damping.DAMPING))),
                                AdamMoments.from(o),
                                Decay.from(o)));
    }

    private static void loraPro() {
        add(
                "lora_pro_sgd",
                "LoRA-Pro with gradient descent (algorithm 1)",
                Option.all(LORA_PRO, Decay.OPTIONS),
                o -> of(new FollowRule(loraPro(o)), Decay.from(o)));
        add(
                "lora_pro",
                "LoRA-Pro with AdamW in efficient mode (algorithm 2 of version 2)",
                Option.all(LORA_PRO, ADAMW),
                o -> of(new FollowRule(loraPro(o)), AdamMoments.from(o), Decay.from(o)));
        add(
                "lora_pro_full",
                "LoRA-Pro with AdamW in full mode: moments in the shape of W",
                Option.all(LORA_PRO, ADAMW),
                o -> full(o, LoraProFull.Form.PAPER));
        add(
                "lora_pro_full_released",
                "LoRA-Pro in full mode as released: bias correction counts from 2",
                Option.all(LORA_PRO, ADAMW),
                o -> full(o, LoraProFull.Form.RELEASED));
    }

    private static void altLora() {
        add(
                "altlora",
                "AltLoRA: one factor a step, aligned momentum",
                Option.all(AlignedMoments.OPTIONS, Decay.OPTIONS),
                o -> of(AlignedMoments.from(o), Decay.from(o)));
        add(
                "altlora_plus",
                "AltLoRA+: AltLoRA with an element-wise second moment",
                Option.all(AlignedMoments.OPTIONS_PLUS, Decay.OPTIONS),
                o -> of(AlignedMoments.plus(o), Decay.from(o)));
        add(
                "altlora_released",
                "AltLoRA as the authors' code runs it",
                ReleasedAltLora.OPTIONS,
                o -> ReleasedAltLora.optimizer(false, o));
        add(
                "altlora_plus_released",
                "AltLoRA+ as the authors' code runs it",
                ReleasedAltLora.OPTIONS,
                o -> ReleasedAltLora.optimizer(true, o));
    }

    private static void scaled() {
        add(
                "scaled_sgd",
                "Riemannian preconditioned LoRA with gradient descent",
                with(SCALED_DAMPING, Decay.OPTIONS),
                o -> of(scaled(o), Decay.from(o)));
        add(
                "scaled_adamw",
                "Riemannian preconditioned LoRA with AdamW",
                with(SCALED_DAMPING, ADAMW),
                o -> of(scaled(o), AdamMoments.from(o), Decay.from(o)));
    }

    private static LoraPro loraPro(OptionValues o) {
        return new LoraPro(o.get(X), o.get(Damping.DAMPING));
    }

    private static FollowRule scaled(OptionValues o) {
        return new FollowRule(new ScaledGradient(o.get(Damping.DAMPING)));
    }

    private static PairOptimizer full(OptionValues o, LoraProFull.Form form) {
        return of(
                new LoraProFull(loraPro(o), AdamMoments.from(o), form),
                new Decay(o.get(Decay.WEIGHT_DECAY), Decay.Form.OF_PRODUCT));
    }

    private static PairOptimizer of(OptimizerStage... stages) {
        return PairOptimizer.of(stages);
    }

    private static void add(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, PairOptimizer> make) {
        Optimizers.register(name, what, options, make);
    }
}
