package org.lowrank.optim;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The hyper-parameters of {@link LoraRite}, with the reference code's names in brackets.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment's eigenvalues [eps]
 * @param clipNorm the global norm of all unmagnified gradients is cut to this; 0 is off
 *     [clip_unmagnified_grad]
 * @param skipRms an unmagnified gradient whose root mean square is above this counts as 0; 0 is off
 *     [update_skipping]
 * @param capRms a first moment whose root mean square is above this is scaled down to it for the
 *     update; 0 is off [update_capping]
 * @param escapeMass whether the second moment that a change of basis loses is kept as a multiple of
 *     I [apply_escape]
 * @param balance whether A and B are rescaled to equal Frobenius norms after a step [balance_param]
 * @param weightDecay added to the direction as weightDecay · factor
 */
public record LoraRiteSettings(
        double beta1,
        double beta2,
        double epsilon,
        double clipNorm,
        double skipRms,
        double capRms,
        boolean escapeMass,
        boolean balance,
        double weightDecay) {

    /** The defaults of the reference code; its betas have none and are Adam's here. */
    public static final LoraRiteSettings DEFAULT =
            new LoraRiteSettings(0.9, 0.999, 1e-6, 1, 1, 0, false, false, 0);

    /** What AltLoRA's training script passes to its own port (the specification's B.6). */
    public static final LoraRiteSettings AS_IN_ALT_LORA =
            new LoraRiteSettings(0.9, 0.999, 1e-6, 1, 5, 1, true, true, 0.01);

    public LoraRiteSettings {
        Checks.decay("beta1", beta1);
        Checks.decay("beta2", beta2);
        Checks.positive("epsilon", epsilon);
        Checks.notNegative("clipNorm", clipNorm);
        Checks.notNegative("skipRms", skipRms);
        Checks.notNegative("capRms", capRms);
        Checks.notNegative("weightDecay", weightDecay);
    }

    @Override
    public String toString() {
        return "beta1="
                + beta1
                + ", beta2="
                + beta2
                + ", epsilon="
                + epsilon
                + ", clipNorm="
                + clipNorm
                + ", skipRms="
                + skipRms
                + ", capRms="
                + capRms
                + ", escapeMass="
                + escapeMass
                + ", balance="
                + balance
                + ", weightDecay="
                + weightDecay;
    }

    /** These as options, by the names of the components. */
    Map<String, Object> options() {
        var options = new LinkedHashMap<String, Object>();
        options.put("beta1", beta1);
        options.put("beta2", beta2);
        options.put("epsilon", epsilon);
        options.put("clipNorm", clipNorm);
        options.put("skipRms", skipRms);
        options.put("capRms", capRms);
        options.put("escapeMass", escapeMass);
        options.put("balance", balance);
        options.put("weightDecay", weightDecay);
        return options;
    }

    static LoraRiteSettings from(OptimizerOptions o) {
        return new LoraRiteSettings(
                o.number("beta1"),
                o.number("beta2"),
                o.number("epsilon"),
                o.number("clipNorm"),
                o.number("skipRms"),
                o.number("capRms"),
                o.flag("escapeMass"),
                o.flag("balance"),
                o.number("weightDecay"));
    }
}
