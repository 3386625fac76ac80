package org.lowrank.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.adapter.AdaLora;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.LayerKind;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.optim.OptimizerRegistry;

/** Layer kinds, initialisations and optimizers by the names of a specification. */
final class AdapterKinds {

    private static final String ADALORA = AdapterConfig.ADALORA;
    private static final List<String> LAYERS =
            List.of("lora", "dora", ADALORA, AdapterConfig.NONE, AdapterConfig.FULL);
    private static final Map<String, Initialization> STARTS = new LinkedHashMap<>();

    static {
        STARTS.put("kaiming", Initialization.KAIMING);
        STARTS.put("kaiming_swapped", Initialization.KAIMING_SWAPPED);
        STARTS.put("gaussian", Initialization.GAUSSIAN);
        STARTS.put("gaussian_swapped", Initialization.GAUSSIAN_SWAPPED);
        STARTS.put(ADALORA, Initialization.ADALORA);
    }

    private AdapterKinds() {}

    static void check(RunConfig config, Problems problems) {
        var adapter = config.adapter();
        problems.oneOf("adapter.layer", adapter.layer(), LAYERS);
        if (adapter.hasPairs() && LAYERS.contains(adapter.layer())) {
            problems.oneOf("adapter.initialization", adapter.initialization(), STARTS.keySet());
            checkComposition(adapter, problems);
        }
        var optimizer = config.optimizer();
        problems.oneOf("optimizer.name", optimizer.name(), OptimizerRegistry.names());
        if (OptimizerRegistry.names().contains(optimizer.name())) {
            checkOptions(optimizer, problems);
        }
    }

    private static void checkComposition(AdapterConfig adapter, Problems problems) {
        var start = STARTS.get(adapter.initialization());
        if (start != null) {
            kind(adapter, 100)
                    .refusesInitialization(start)
                    .ifPresent(reason -> problems.require(false, "adapter.initialization", reason));
        }
    }

    private static void checkOptions(OptimizerConfig optimizer, Problems problems) {
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
            try {
                OptimizerRegistry.create(optimizer.name(), optimizer.options()).close();
            } catch (IllegalArgumentException e) {
                problems.require(false, "optimizer.options:", e.getMessage());
            }
        }
    }

    /** The optimizer with every option written out. */
    static OptimizerConfig complete(OptimizerConfig optimizer) {
        var options = new LinkedHashMap<String, Object>();
        OptimizerRegistry.options(optimizer.name())
                .forEach((name, value) -> options.put(name, plain(value)));
        options.putAll(optimizer.options());
        return new OptimizerConfig(optimizer.name(), options);
    }

    private static Object plain(Object value) {
        return value instanceof Enum<?> choice ? choice.name() : value;
    }

    /** What is injected into a model. */
    static LoraConfig lora(AdapterConfig adapter, int totalSteps) {
        return LoraConfig.ofRank(adapter.rank())
                .withKind(kind(adapter, totalSteps))
                .withLoraAlpha(adapter.loraAlpha())
                .withLoraDropout(adapter.loraDropout())
                .withRslora(adapter.useRslora())
                .withTargetModules(new ArrayList<>(adapter.targetModules()).toArray(new String[0]))
                .withInitialization(STARTS.get(adapter.initialization()));
    }

    private static LayerKind kind(AdapterConfig adapter, int totalSteps) {
        return switch (adapter.layer()) {
            case ADALORA -> AdaLora.to(adapter.targetRank(), totalSteps);
            case "dora" -> LayerKind.DORA;
            default -> LayerKind.LORA;
        };
    }
}
