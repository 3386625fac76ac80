package org.lowrank.experiment.spec;

import java.util.LinkedHashMap;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Choice;
import org.lowrank.config.Problems;
import org.lowrank.optim.OptimizerRegistry;
import org.lowrank.optim.PairOptimizer;

/** Optimizers by the names of a specification. */
public final class AdapterKinds {

    private AdapterKinds() {}

    public static void check(RunConfig config, Problems problems) {
        var adapter = config.adapter();
        var optimizer = config.optimizer();
        problems.oneOf("optimizer.name", optimizer.name(), OptimizerRegistry.names());
        if (OptimizerRegistry.names().contains(optimizer.name())) {
            checkOptions(adapter, optimizer, problems);
        }
    }

    private static void checkOptions(LoraConfig adapter, Choice optimizer, Problems problems) {
        var known = OptimizerRegistry.options(optimizer.name()).keySet();
        for (var option : optimizer.options().keySet()) {
            problems.require(
                    known.contains(option),
                    "optimizer.options." + option,
                    "is not an option of "
                            + optimizer.name()
                            + "; allowed: "
                            + String.join(", ", known));
        }
        if (known.containsAll(optimizer.options().keySet())) {
            try (var made = OptimizerRegistry.create(optimizer.name(), optimizer.options())) {
                checkRules(adapter, made, problems);
            } catch (IllegalArgumentException e) {
                problems.require(false, "optimizer.options:", e.getMessage());
            }
        }
    }

    private static void checkRules(LoraConfig adapter, PairOptimizer optimizer, Problems problems) {
        if (adapter.hasPairs() && optimizer.needsProductGradients()) {
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
    }

    /** The optimizer with every option written out. */
    public static Choice complete(Choice optimizer) {
        var options = new LinkedHashMap<String, Object>();
        OptimizerRegistry.options(optimizer.name())
                .forEach((name, value) -> options.put(name, plain(value)));
        options.putAll(optimizer.options());
        return new Choice(optimizer.name(), options);
    }

    private static Object plain(Object value) {
        return value instanceof Enum<?> choice ? choice.name() : value;
    }
}
