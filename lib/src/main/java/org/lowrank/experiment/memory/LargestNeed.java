package org.lowrank.experiment.memory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.engine.Machine;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.spec.RunConfig;

/** The need of the run that needs most, beside what is here, and in other precisions. */
public final class LargestNeed {

    private LargestNeed() {}

    /**
     * Empty if it is not known.
     *
     * @param runs by what people call them
     */
    public static String of(Map<String, RunConfig> runs) {
        var largest = new TreeMap<Double, String>();
        var seen = new HashSet<List<Object>>();
        runs.forEach(
                (label, config) -> {
                    if (seen.add(alike(config))) {
                        MemoryNeed.of(config)
                                .ifPresent(
                                        need ->
                                                largest.put(
                                                        need.bytes(),
                                                        label
                                                                + "\n"
                                                                + need.text()
                                                                + others(config)));
                    }
                });
        var here = Machine.memory();
        var there =
                here.isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT, " (there are %.1f GB)", here.getAsLong() / 1e9);
        return largest.isEmpty()
                ? ""
                : "Memory of the run that needs most, about"
                        + there
                        + ": "
                        + largest.lastEntry().getValue();
    }

    private static List<Object> alike(RunConfig config) {
        return List.of(
                config.model(),
                config.adapter(),
                config.optimizer(),
                config.task().maxLength(),
                config.training().batchSize(),
                config.precision());
    }

    /** What it comes to with the base in the other precisions; full fine-tuning has none. */
    private static String others(RunConfig config) {
        if (!config.adapter().hasPairs()) {
            return "";
        }
        var each = new ArrayList<String>();
        for (var precision : Precision.values()) {
            if (precision != config.precision()) {
                MemoryNeed.of(config, precision)
                        .ifPresent(
                                need ->
                                        each.add(
                                                String.format(
                                                        Locale.ROOT,
                                                        "%s %.2f GB (base %.2f)",
                                                        precision,
                                                        need.bytes() / 1e9,
                                                        need.ofBase() / 1e9)));
            }
        }
        return "  with the base in " + String.join(", ", each) + "\n";
    }
}
