package org.lowrank.experiment.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lowrank.adapter.AdaLora;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.config.Choice;
import org.lowrank.config.Problems;
import org.lowrank.optim.OptimizerRegistry;
import org.lowrank.optim.PairOptimizer;

/** Layer kinds, initialisations and optimizers by the names of a specification. */
public final class AdapterKinds {

    private static final String ADALORA = AdapterConfig.ADALORA;
    private static final List<String> LAYERS =
            List.of("lora", "dora", ADALORA, AdapterConfig.NONE, AdapterConfig.FULL);

    /** Steps of a run, where only the kind itself matters. */
    private static final int LONG = 1_000;

    private AdapterKinds() {}

    public static void check(RunConfig config, Problems problems) {
        var adapter = config.adapter();
        problems.oneOf("adapter.layer", adapter.layer(), LAYERS);
        if (adapter.hasPairs() && LAYERS.contains(adapter.layer())) {
            checkStart(adapter, problems);
        }
        var optimizer = config.optimizer();
        problems.oneOf("optimizer.name", optimizer.name(), OptimizerRegistry.names());
        if (OptimizerRegistry.names().contains(optimizer.name())) {
            checkOptions(adapter, optimizer, problems);
        }
    }

    private static void checkStart(AdapterConfig adapter, Problems problems) {
        var field = "adapter.initialization";
        problems.oneOf(field, adapter.initialization(), Starts.names());
        if (!Starts.names().contains(adapter.initialization())) {
            return;
        }
        var known = Starts.defaults(adapter.initialization()).keySet();
        for (var option : adapter.initializationOptions().keySet()) {
            problems.require(
                    known.contains(option),
                    field + "_options." + option,
                    "is not an option of "
                            + adapter.initialization()
                            + "; allowed: "
                            + (known.isEmpty() ? "none" : String.join(", ", known)));
        }
        problems.require(
                !adapter.initialization().equals(Starts.LORA_GA) || adapter.useRslora(),
                "adapter.use_rslora",
                "is false; LoRA-GA's start is made for s = alpha / sqrt(r), so it has to be true");
        try {
            var start = Starts.build(adapter, batches -> null);
            kind(adapter, LONG)
                    .refusesInitialization(start)
                    .ifPresent(reason -> problems.require(false, field, reason));
        } catch (IllegalArgumentException e) {
            problems.require(false, field + "_options:", e.getMessage());
        }
    }

    private static void checkOptions(AdapterConfig adapter, Choice optimizer, Problems problems) {
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

    private static void checkRules(
            AdapterConfig adapter, PairOptimizer optimizer, Problems problems) {
        if (adapter.hasPairs() && optimizer.needsProductGradients()) {
            kind(adapter, LONG)
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

    /** The start with every option written out. */
    public static AdapterConfig complete(AdapterConfig adapter) {
        if (!adapter.hasPairs()) {
            return adapter;
        }
        var options = new LinkedHashMap<>(Starts.defaults(adapter.initialization()));
        options.putAll(adapter.initializationOptions());
        return adapter.withInitializationOptions(options);
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

    /** What is injected into a model. */
    public static LoraConfig lora(AdapterConfig adapter, Initialization start, int totalSteps) {
        return LoraConfig.ofRank(adapter.rank())
                .withKind(kind(adapter, totalSteps))
                .withLoraAlpha(adapter.loraAlpha())
                .withLoraDropout(adapter.loraDropout())
                .withRslora(adapter.useRslora())
                .withTargetModules(new ArrayList<>(adapter.targetModules()).toArray(new String[0]))
                .withInitialization(start);
    }

    private static LayerKind kind(AdapterConfig adapter, int totalSteps) {
        return switch (adapter.layer()) {
            case ADALORA -> AdaLora.to(adapter.targetRank(), totalSteps);
            case "dora" -> LayerKind.DORA;
            default -> LayerKind.LORA;
        };
    }
}
