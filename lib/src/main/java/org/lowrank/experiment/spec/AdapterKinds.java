package org.lowrank.experiment.spec;

import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Choice;
import org.lowrank.config.Problems;
import org.lowrank.optim.Optimizers;

/** Optimizers by the names of a specification. */
public final class AdapterKinds {

    private AdapterKinds() {}

    public static void check(RunConfig config, Problems problems) {
        int before = problems.list().size();
        Optimizers.check(config.optimizer(), "optimizer", problems);
        if (config.adapter().hasPairs() && problems.list().size() == before) {
            checkRules(config.adapter(), config.optimizer(), problems);
        }
    }

    private static void checkRules(LoraConfig adapter, Choice optimizer, Problems problems) {
        try (var made = Optimizers.create(optimizer)) {
            if (made.needs().productGradients()) {
                adapter.kind()
                        .refusesGradientRules()
                        .ifPresent(
                                reason ->
                                        problems.require(
                                                false,
                                                "optimizer.name",
                                                "cannot train layer "
                                                        + adapter.layer()
                                                        + ": "
                                                        + reason));
            }
        } catch (IllegalArgumentException e) {
            problems.require(false, "optimizer.options:", e.getMessage());
        }
    }

    /** The optimizer with every option written out. */
    public static Choice complete(Choice optimizer) {
        return Optimizers.complete(optimizer);
    }
}
