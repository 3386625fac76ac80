package org.lowrank.experiment.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.init.BaseGradients;
import org.lowrank.adapter.init.LoraGa;
import org.lowrank.adapter.init.LoraOne;
import org.lowrank.adapter.init.Orthogonal;
import org.lowrank.adapter.init.Pissa;
import org.lowrank.adapter.init.Spectral;

/** Initialisations by the names of a specification, with their options. */
public final class Starts {

    /** Made for rank-stabilised scaling only. */
    static final String LORA_GA = "lora_ga";

    private static final String BATCHES = "gradient_batches";
    private static final String GAMMA = "gamma";
    private static final String SCALE = "scale";
    private static final String ITERATIONS = "iterations";

    private static final Map<String, Definition> ALL = new LinkedHashMap<>();

    static {
        plain("kaiming", Initialization.KAIMING);
        plain("kaiming_swapped", Initialization.KAIMING_SWAPPED);
        plain("gaussian", Initialization.GAUSSIAN);
        plain("gaussian_swapped", Initialization.GAUSSIAN_SWAPPED);
        plain("orthogonal", new Orthogonal());
        plain("spectral", new Spectral(false));
        plain("spectral_swapped", new Spectral(true));
        plain(AdapterConfig.ADALORA, Initialization.ADALORA);
        add(
                "pissa",
                Map.of(ITERATIONS, Pissa.EXACT),
                (options, gradients) -> new Pissa(whole(options, ITERATIONS)));
        add(
                LORA_GA,
                Map.of(BATCHES, 1, GAMMA, 16.0, SCALE, LoraGa.Scale.STABLE.name()),
                (options, gradients) ->
                        new LoraGa(
                                gradients.apply(whole(options, BATCHES)),
                                LoraGa.Scale.valueOf(String.valueOf(options.get(SCALE))),
                                number(options, GAMMA)));
        add(
                "lora_one",
                Map.of(BATCHES, 1, GAMMA, 0.0),
                (options, gradients) ->
                        new LoraOne(
                                gradients.apply(whole(options, BATCHES)), number(options, GAMMA)));
    }

    private Starts() {}

    /** Makes an initialisation; {@code gradients} estimates on so many batches if it is asked. */
    @FunctionalInterface
    private interface Builder {
        public Initialization build(
                Map<String, Object> options, IntFunction<BaseGradients> gradients);
    }

    private record Definition(Map<String, Object> defaults, Builder builder) {}

    private static void plain(String name, Initialization start) {
        add(name, Map.of(), (options, gradients) -> start);
    }

    private static void add(String name, Map<String, Object> defaults, Builder builder) {
        ALL.put(name, new Definition(defaults, builder));
    }

    private static int whole(Map<String, Object> options, String name) {
        if (options.get(name) instanceof Integer value) {
            return value;
        }
        throw new IllegalArgumentException(
                name + " must be a whole number, not " + options.get(name));
    }

    private static double number(Map<String, Object> options, String name) {
        if (options.get(name) instanceof Number value) {
            return value.doubleValue();
        }
        throw new IllegalArgumentException(name + " must be a number, not " + options.get(name));
    }

    static Set<String> names() {
        return ALL.keySet();
    }

    /** The options of an initialisation with their defaults. */
    static Map<String, Object> defaults(String name) {
        return ALL.get(name).defaults();
    }

    /**
     * @throws IllegalArgumentException if a value is not of its option's kind
     */
    public static Initialization build(
            AdapterConfig adapter, IntFunction<BaseGradients> gradients) {
        var definition = ALL.get(adapter.initialization());
        var options = new LinkedHashMap<>(definition.defaults());
        options.putAll(adapter.initializationOptions());
        return definition.builder().build(options, gradients);
    }
}
