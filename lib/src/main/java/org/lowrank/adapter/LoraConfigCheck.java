package org.lowrank.adapter;

import java.util.ArrayList;
import org.lowrank.config.Problems;

/**
 * What is wrong with a configuration of adapters.
 *
 * @param field what stands before the names of the fields
 */
record LoraConfigCheck(LoraConfig config, Problems problems, String field) {

    void all() {
        var kinds = new ArrayList<>(LayerKinds.REGISTRY.names());
        kinds.add(LoraConfig.NONE);
        kinds.add(LoraConfig.FULL);
        problems.oneOf(field + "layer", config.layer(), kinds);
        if (!config.hasPairs() || !kinds.contains(config.layer())) {
            return;
        }
        numbers();
        int before = problems.list().size();
        LayerKinds.REGISTRY.check(
                config.layerChoice(), field + "layer", field + "layer_options", problems);
        Initializations.REGISTRY.check(
                config.startChoice(),
                field + "initialization",
                field + "initialization_options",
                problems);
        if (problems.list().size() == before) {
            start();
        }
    }

    /**
     * Refuses numbers that no adapter has.
     *
     * @throws IllegalArgumentException with all of them
     */
    static void requireNumbers(LoraConfig config) {
        var problems = new Problems("");
        if (config.hasPairs()) {
            new LoraConfigCheck(config, problems, "").numbers();
        }
        if (!problems.list().isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems.list()));
        }
    }

    private void start() {
        try {
            var start = config.start();
            problems.require(
                    !start.needsRslora() || config.useRslora(),
                    field + "use_rslora",
                    "is false; the start of "
                            + config.initialization()
                            + " is made for s = alpha / sqrt(r), so it has to be true");
            config.kind()
                    .refusesInitialization(start)
                    .ifPresent(why -> problems.require(false, field + "initialization", why));
        } catch (IllegalArgumentException e) {
            problems.require(false, field + "initialization_options:", e.getMessage());
        }
    }

    private void numbers() {
        problems.atLeast(field + "rank", config.rank(), 1);
        problems.positive(field + "lora_alpha", config.loraAlpha());
        double dropout = config.loraDropout();
        problems.require(
                dropout >= 0 && dropout < 1,
                field + "lora_dropout",
                "is " + dropout + "; allowed: 0 up to but not 1");
        problems.require(
                !config.targetModules().isEmpty(),
                field + "target_modules",
                "is empty; name the layers to adapt, or [\"all-linear\"]");
        config.rankPattern().forEach((p, r) -> problems.atLeast(field + "rank_pattern." + p, r, 1));
        config.alphaPattern()
                .forEach((p, alpha) -> problems.positive(field + "alpha_pattern." + p, alpha));
    }
}
