package org.lowrank.optim;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The hyper-parameters of Adam with decoupled weight decay, in PyTorch's semantics:
 *
 * <pre>
 *   p ← p (1 − learningRate · weightDecay)
 *   m ← β1 m + (1 − β1) g,   v ← β2 v + (1 − β2) g²
 *   p ← p − learningRate · (m / (1 − β1ᵗ)) / (√v / √(1 − β2ᵗ) + ε)
 * </pre>
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the second moment, after bias correction; above 0, since an
 *     entry whose gradient has been 0 so far, as all of A's while B = 0, would move by 0/0
 * @param weightDecay decoupled decay, at least 0
 */
public record AdamWSettings(double beta1, double beta2, double epsilon, double weightDecay) {

    /** What both papers train with: β1 = 0.9, β2 = 0.999, ε = 1e-8 and no decay. */
    public static final AdamWSettings DEFAULT = new AdamWSettings(0.9, 0.999, 1e-8, 0);

    public AdamWSettings {
        Checks.decay("beta1", beta1);
        Checks.decay("beta2", beta2);
        Checks.positive("epsilon", epsilon);
        Checks.notNegative("weightDecay", weightDecay);
    }

    public AdamWSettings withBetas(double newBeta1, double newBeta2) {
        return new AdamWSettings(newBeta1, newBeta2, epsilon, weightDecay);
    }

    public AdamWSettings withEpsilon(double newEpsilon) {
        return new AdamWSettings(beta1, beta2, newEpsilon, weightDecay);
    }

    public AdamWSettings withWeightDecay(double newWeightDecay) {
        return new AdamWSettings(beta1, beta2, epsilon, newWeightDecay);
    }

    @Override
    public String toString() {
        return "beta1="
                + beta1
                + ", beta2="
                + beta2
                + ", epsilon="
                + epsilon
                + ", weightDecay="
                + weightDecay;
    }

    /** These as options, by the names of the components. */
    Map<String, Object> options() {
        var options = new LinkedHashMap<String, Object>();
        options.put("beta1", beta1);
        options.put("beta2", beta2);
        options.put("epsilon", epsilon);
        options.put("weightDecay", weightDecay);
        return options;
    }

    static AdamWSettings from(OptimizerOptions o) {
        return new AdamWSettings(
                o.number("beta1"), o.number("beta2"), o.number("epsilon"), o.number("weightDecay"));
    }
}
