package org.lowrank.optim;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraFa;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.RawGradient;
import org.lowrank.rule.ScaledGradient;
import org.lowrank.rule.XChoice;

/**
 * The optimizers by name, with their options and defaults: the form in which a run's JSON names
 * them. {@code adamw}, {@code lora_rite}, {@code altlora} and {@code altlora_plus} are the {@code
 * optim_notes} values of AltLoRA's scripts; here they are the methods as in their papers, and the
 * names that end in {@code _released} are what the published code computes.
 *
 * <p>Option names are those of the settings records, in which the defaults are defined.
 */
public final class OptimizerRegistry {

    /** LoRA+'s advice for the ratio of the learning rates. */
    public static final double LORA_PLUS_RATIO = 16;

    /** What LoRA-Pro's code adds to both Gram matrices. */
    public static final double LORA_PRO_DAMPING = 1e-8;

    /** Scaled SGD and AdamW: the paper's regularisation. */
    public static final double SCALED_DAMPING = 1e-6;

    private record Method(
            String what,
            Map<String, Object> defaults,
            Function<OptimizerOptions, PairOptimizer> build) {}

    private static final Map<String, Method> METHODS = new LinkedHashMap<>();

    static {
        plain();
        loraPro();
        altLora();
        scaled();
        add(
                "lora_rite",
                "LoRA-RITE with the defaults of its code",
                LoraRiteSettings.DEFAULT.options(),
                o -> new LoraRite(LoraRiteSettings.from(o)));
        add(
                "lora_rite_in_altlora",
                "LoRA-RITE as AltLoRA's script sets it",
                LoraRiteSettings.AS_IN_ALT_LORA.options(),
                o -> new LoraRite(LoraRiteSettings.from(o)));
    }

    private OptimizerRegistry() {}

    private static void plain() {
        add(
                "sgd",
                "LoRA with gradient descent",
                Map.of("weightDecay", 0.0),
                o -> new PairSgd(new RawGradient(), o.number("weightDecay")));
        add(
                "adamw",
                "LoRA with AdamW",
                AdamWSettings.DEFAULT.options(),
                o -> new PairAdamW(new RawGradient(), AdamWSettings.from(o)));
        add(
                "lora_plus",
                "LoRA+: a larger learning rate for B",
                with(AdamWSettings.DEFAULT.options(), "rateRatio", LORA_PLUS_RATIO),
                o ->
                        new PairAdamW(
                                new RawGradient(), AdamWSettings.from(o), o.number("rateRatio")));
        add(
                "lora_fa",
                "LoRA-FA: A frozen, AdamW on B",
                AdamWSettings.DEFAULT.options(),
                o -> new PairAdamW(LoraFa.raw(), AdamWSettings.from(o)));
        add(
                "lora_fa_projected",
                "LoRA-FA in PEFT's form: the gradient of B projected",
                with(AdamWSettings.DEFAULT.withEpsilon(1e-6).options(), "damping", 1e-8),
                o -> new PairAdamW(LoraFa.projected(o.number("damping")), AdamWSettings.from(o)));
    }

    private static void loraPro() {
        var pro = with(Map.of("x", XChoice.SYLVESTER), "damping", LORA_PRO_DAMPING);
        add(
                "lora_pro_sgd",
                "LoRA-Pro with gradient descent (algorithm 1)",
                with(pro, "weightDecay", 0.0),
                o -> new PairSgd(rule(o), o.number("weightDecay")));
        add(
                "lora_pro",
                "LoRA-Pro with AdamW in efficient mode (algorithm 2 of version 2)",
                with(pro, AdamWSettings.DEFAULT.options()),
                o -> new PairAdamW(rule(o), AdamWSettings.from(o)));
        add(
                "lora_pro_full",
                "LoRA-Pro with AdamW in full mode: moments in the shape of W",
                with(pro, AdamWSettings.DEFAULT.options()),
                o -> new LoraProFull(rule(o), AdamWSettings.from(o)));
        add(
                "lora_pro_full_released",
                "LoRA-Pro in full mode as released: bias correction counts from 2",
                with(pro, AdamWSettings.DEFAULT.options()),
                o -> new LoraProFull(rule(o), AdamWSettings.from(o), LoraProFull.Form.RELEASED));
    }

    private static void altLora() {
        altLora(
                "altlora",
                "AltLoRA: one factor a step, aligned momentum",
                AltLoraSettings.ALT_LORA);
        altLora(
                "altlora_plus",
                "AltLoRA+: AltLoRA with an element-wise second moment",
                AltLoraSettings.ALT_LORA_PLUS);
        released("altlora_released", ReleasedAltLora.Settings.ALT_LORA);
        released("altlora_plus_released", ReleasedAltLora.Settings.ALT_LORA_PLUS);
    }

    private static void altLora(String name, String what, AltLoraSettings unset) {
        add(name, what, unset.options(), o -> new AltLoraOptimizer(unset.with(o)));
    }

    private static void released(String name, ReleasedAltLora.Settings unset) {
        add(
                name,
                (unset.adaptive() ? "AltLoRA+" : "AltLoRA") + " as the authors' code runs it",
                with(unset.adam().options(), "damping", unset.damping()),
                o ->
                        new ReleasedAltLora(
                                new ReleasedAltLora.Settings(
                                        unset.adaptive(),
                                        o.number("damping"),
                                        AdamWSettings.from(o))));
    }

    private static void scaled() {
        add(
                "scaled_sgd",
                "Riemannian preconditioned LoRA with gradient descent",
                with(Map.of("damping", SCALED_DAMPING), "weightDecay", 0.0),
                o -> new PairSgd(scaledRule(o), o.number("weightDecay")));
        add(
                "scaled_adamw",
                "Riemannian preconditioned LoRA with AdamW",
                with(AdamWSettings.DEFAULT.options(), "damping", SCALED_DAMPING),
                o -> new PairAdamW(scaledRule(o), AdamWSettings.from(o)));
    }

    private static LoraPro rule(OptimizerOptions o) {
        return new LoraPro(o.choice("x", XChoice.class), o.number("damping"));
    }

    private static GradientRule scaledRule(OptimizerOptions o) {
        return new ScaledGradient(o.number("damping"));
    }

    private static Map<String, Object> with(
            Map<String, Object> options, String name, Object value) {
        return with(options, Map.of(name, value));
    }

    private static Map<String, Object> with(Map<String, Object> options, Map<String, Object> more) {
        var all = new LinkedHashMap<>(options);
        all.putAll(more);
        return all;
    }

    private static void add(
            String name,
            String what,
            Map<String, Object> defaults,
            Function<OptimizerOptions, PairOptimizer> build) {
        METHODS.put(name, new Method(what, Collections.unmodifiableMap(defaults), build));
    }

    /** The known names. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(METHODS.keySet());
    }

    /** What a method is, in a few words. */
    public static String description(String name) {
        return method(name).what();
    }

    /** The options of a method and their defaults. */
    public static Map<String, Object> options(String name) {
        return method(name).defaults();
    }

    /** An optimizer with its defaults. */
    public static PairOptimizer create(String name) {
        return create(name, Map.of());
    }

    /**
     * An optimizer.
     *
     * @param options numbers, booleans and enum names, as JSON holds them; those left out have
     *     their defaults
     * @throws IllegalArgumentException if the name or an option is not known (the message lists
     *     those that are), or a value is not of the option's kind
     */
    public static PairOptimizer create(String name, Map<String, ?> options) {
        var method = method(name);
        return method.build().apply(new OptimizerOptions(name, method.defaults(), options));
    }

    private static Method method(String name) {
        var method = METHODS.get(name);
        if (method == null) {
            throw new IllegalArgumentException(
                    "there is no optimizer '" + name + "'; known are " + METHODS.keySet());
        }
        return method;
    }
}
