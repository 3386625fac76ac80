package org.lowrank.diagnostics;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lowrank.diagnostics.GradientMonitor.Sample;

/**
 * Means of a quantity over the samples of a {@link GradientMonitor}, by step, by layer or by kind
 * of module. Values that are not finite (the angle of a weight that did not move) are left out; a
 * group without any other is left out whole.
 */
public final class GapAverages {

    /** BERT's {@code layer.3.}, a Llama's {@code layers.3.}, GPT-2's {@code h.3.}. */
    private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(?:layers?|h)\\.(\\d+)\\.(.+)$");

    private GapAverages() {}

    /** One mean a sampled step. */
    public static SortedMap<Long, Double> byStep(
            List<Sample> samples, ToDoubleFunction<GradientGap> quantity) {
        return mean(samples, Sample::step, quantity);
    }

    /** One mean a kind of module, for example {@code attention.self.query}. */
    public static SortedMap<String, Double> byKind(
            List<Sample> samples, ToDoubleFunction<GradientGap> quantity) {
        return mean(samples, sample -> kind(sample.path()), quantity);
    }

    /** One mean a layer, and in it one a step. */
    public static SortedMap<Integer, SortedMap<Long, Double>> byLayerAndStep(
            List<Sample> samples, ToDoubleFunction<GradientGap> quantity) {
        var result = new TreeMap<Integer, SortedMap<Long, Double>>();
        samples.stream()
                .collect(Collectors.groupingBy(sample -> layer(sample.path())))
                .forEach((layer, all) -> result.put(layer, byStep(all, quantity)));
        return result;
    }

    /** The number of the layer in a module path, as in {@code layer.3.attention.self.query}. */
    public static int layer(String path) {
        return Integer.parseInt(match(path, 1));
    }

    /** What follows the number of the layer in a module path. */
    static String kind(String path) {
        return match(path, 2);
    }

    private static String match(String path, int group) {
        var matcher = LAYER.matcher(path);
        if (!matcher.find()) {
            throw new IllegalArgumentException(
                    path + " does not name a layer; expected is a path like layer.0.attention");
        }
        return matcher.group(group);
    }

    private static <K extends Comparable<K>> SortedMap<K, Double> mean(
            List<Sample> samples, Function<Sample, K> key, ToDoubleFunction<GradientGap> quantity) {
        Map<K, Double> means =
                samples.stream()
                        .filter(s -> Double.isFinite(quantity.applyAsDouble(s.gap())))
                        .collect(
                                Collectors.groupingBy(
                                        key,
                                        Collectors.averagingDouble(
                                                s -> quantity.applyAsDouble(s.gap()))));
        return new TreeMap<>(means);
    }
}
