package org.lowrank.experiment.spec;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.config.Problems;

/**
 * What is trained beside the head.
 *
 * @param layer {@code lora} and its relatives; {@link #NONE} trains the head on a frozen encoder,
 *     {@link #FULL} trains every weight
 * @param initialization how A and B start
 * @param initializationOptions what the initialisation takes; those not given take their defaults,
 *     which are written out before the configuration is hashed
 * @param rank r; 0 where there is no adapter
 * @param loraAlpha alpha; the scaling is alpha/r, or alpha/sqrt(r) with {@code useRslora}
 * @param targetRank for {@code adalora}: the rank at the end, of which {@code rank} is the start;
 *     two thirds of it if not given; 0 for all others
 * @param targetModules names of the layers, or the one word {@code all-linear}
 */
public record AdapterConfig(
        String layer,
        String initialization,
        Map<String, Object> initializationOptions,
        Integer rank,
        Double loraAlpha,
        Boolean useRslora,
        Double loraDropout,
        Integer targetRank,
        List<String> targetModules) {

    /** A diagonal between the factors, pruned to a budget. */
    public static final String ADALORA = "adalora";

    /** Head only. */
    public static final String NONE = "none";

    /** Every weight. */
    public static final String FULL = "full";

    public AdapterConfig {
        layer = layer == null ? "lora" : layer;
        boolean prunes = layer.equals(ADALORA);
        initialization = initialization == null ? (prunes ? ADALORA : "kaiming") : initialization;
        initializationOptions =
                initializationOptions == null ? Map.of() : new TreeMap<>(initializationOptions);
        rank = rank == null ? 8 : rank;
        loraAlpha = loraAlpha == null ? 16.0 : loraAlpha;
        useRslora = useRslora != null && useRslora;
        loraDropout = loraDropout == null ? 0.0 : loraDropout;
        targetRank = prunes ? (targetRank == null ? Math.max(1, rank * 2 / 3) : targetRank) : 0;
        targetModules = targetModules == null ? List.of("all-linear") : List.copyOf(targetModules);
    }

    /** False for {@link #NONE} and {@link #FULL}. */
    public boolean hasPairs() {
        return !layer.equals(NONE) && !layer.equals(FULL);
    }

    /** The same run has the same hash: without pairs, what describes pairs is blank. */
    AdapterConfig normalized() {
        return hasPairs()
                ? this
                : new AdapterConfig(layer, NONE, Map.of(), 0, 0.0, false, 0.0, 0, List.of());
    }

    AdapterConfig withInitializationOptions(Map<String, Object> options) {
        return new AdapterConfig(
                layer,
                initialization,
                options,
                rank,
                loraAlpha,
                useRslora,
                loraDropout,
                targetRank,
                targetModules);
    }

    void check(Problems problems) {
        if (!hasPairs()) {
            return;
        }
        problems.atLeast("adapter.rank", rank, 1);
        problems.positive("adapter.lora_alpha", loraAlpha);
        problems.require(
                loraDropout >= 0 && loraDropout < 1,
                "adapter.lora_dropout",
                "is " + loraDropout + "; allowed: 0 up to but not 1");
        problems.require(
                !targetModules.isEmpty(),
                "adapter.target_modules",
                "is empty; name the layers to adapt, or [\"all-linear\"]");
    }
}
