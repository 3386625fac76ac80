package org.lowrank.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What merging or unmerging changed: the largest absolute difference of a layer's outputs before
 * and after, on standard normal inputs, by module path.
 */
public record MergeReport(Map<String, Double> outputDifference) {

    public MergeReport {
        outputDifference = Collections.unmodifiableMap(new LinkedHashMap<>(outputDifference));
    }

    public double largest() {
        return outputDifference.values().stream().mapToDouble(d -> d).max().orElse(0);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d weights, largest difference of an output %.2e",
                outputDifference.size(),
                largest());
    }
}
