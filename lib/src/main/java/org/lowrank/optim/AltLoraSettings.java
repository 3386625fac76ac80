package org.lowrank.optim;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The hyper-parameters of {@link AltLoraOptimizer}.
 *
 * @param order which factor moves when; A first in the paper's main tables
 * @param aligned whether a kept momentum is re-expressed in the present subspace (theorem 2)
 * @param damping λ, added to a Gram matrix before it is inverted; 1e-6 in the paper
 * @param beta1 decay of the first moment
 * @param weightDecay γ of A ← A − η (update + γ A)
 * @param adaptive true for AltLoRA+: the update is M / (√V + ε) instead of M
 * @param beta2 decay of the element-wise second moment V of AltLoRA+
 * @param epsilon added to √V; the paper does not state it. Above 0, since an entry whose gradient
 *     has been 0 so far would move by 0/0
 */
public record AltLoraSettings(
        UpdateOrder order,
        boolean aligned,
        double damping,
        double beta1,
        double weightDecay,
        boolean adaptive,
        double beta2,
        double epsilon) {

    /** AltLoRA as in the paper (algorithm 1, table 2). */
    public static final AltLoraSettings ALT_LORA =
            new AltLoraSettings(UpdateOrder.A_FIRST, true, 1e-6, 0.9, 0, false, 0.999, 1e-6);

    /** AltLoRA+ as in the paper (algorithm 2, table 2). */
    public static final AltLoraSettings ALT_LORA_PLUS = ALT_LORA.withAdaptive(true);

    public AltLoraSettings {
        Checks.notNegative("damping", damping);
        Checks.decay("beta1", beta1);
        Checks.notNegative("weightDecay", weightDecay);
        Checks.decay("beta2", beta2);
        Checks.positive("epsilon", epsilon);
    }

    public AltLoraSettings withOrder(UpdateOrder newOrder) {
        return new AltLoraSettings(
                newOrder, aligned, damping, beta1, weightDecay, adaptive, beta2, epsilon);
    }

    public AltLoraSettings withAligned(boolean newAligned) {
        return new AltLoraSettings(
                order, newAligned, damping, beta1, weightDecay, adaptive, beta2, epsilon);
    }

    public AltLoraSettings withDamping(double newDamping) {
        return new AltLoraSettings(
                order, aligned, newDamping, beta1, weightDecay, adaptive, beta2, epsilon);
    }

    public AltLoraSettings withBeta1(double newBeta1) {
        return new AltLoraSettings(
                order, aligned, damping, newBeta1, weightDecay, adaptive, beta2, epsilon);
    }

    public AltLoraSettings withWeightDecay(double newWeightDecay) {
        return new AltLoraSettings(
                order, aligned, damping, beta1, newWeightDecay, adaptive, beta2, epsilon);
    }

    public AltLoraSettings withAdaptive(boolean newAdaptive) {
        return new AltLoraSettings(
                order, aligned, damping, beta1, weightDecay, newAdaptive, beta2, epsilon);
    }

    public AltLoraSettings withBeta2(double newBeta2) {
        return new AltLoraSettings(
                order, aligned, damping, beta1, weightDecay, adaptive, newBeta2, epsilon);
    }

    public AltLoraSettings withEpsilon(double newEpsilon) {
        return new AltLoraSettings(
                order, aligned, damping, beta1, weightDecay, adaptive, beta2, newEpsilon);
    }

    @Override
    public String toString() {
        var base =
                "order="
                        + order
                        + ", aligned="
                        + aligned
                        + ", damping="
                        + damping
                        + ", beta1="
                        + beta1
                        + ", weightDecay="
                        + weightDecay;
        return adaptive ? base + ", beta2=" + beta2 + ", epsilon=" + epsilon : base;
    }

    /** These as options; what AltLoRA does not use is left out. */
    Map<String, Object> options() {
        var options = new LinkedHashMap<String, Object>();
        options.put("order", order);
        options.put("aligned", aligned);
        options.put("damping", damping);
        options.put("beta1", beta1);
        options.put("weightDecay", weightDecay);
        if (adaptive) {
            options.put("beta2", beta2);
            options.put("epsilon", epsilon);
        }
        return options;
    }

    /** These with the options in place of the values. */
    AltLoraSettings with(OptimizerOptions o) {
        return new AltLoraSettings(
                o.choice("order", UpdateOrder.class),
                o.flag("aligned"),
                o.number("damping"),
                o.number("beta1"),
                o.number("weightDecay"),
                adaptive,
                adaptive ? o.number("beta2") : beta2,
                adaptive ? o.number("epsilon") : epsilon);
    }
}
