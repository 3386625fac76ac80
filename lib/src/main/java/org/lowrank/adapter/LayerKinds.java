package org.lowrank.adapter;

import java.util.List;
import java.util.function.Function;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Registry;

/**
 * Layer kinds by name. One of a reader's own, in a cell:
 *
 * <pre>{@code
 * LayerKinds.register("mine", "LoRA with a gate", List.of(), options -> new Mine());
 * AdapterSet.inject(model, LoraConfig.ofRank(8).withLayer("mine"), seed);
 * }</pre>
 */
public final class LayerKinds {

    static final Registry<LayerKind> REGISTRY = new Registry<>("layer kind");

    private LayerKinds() {}

    /** The registry, to ask it for names, options and help. */
    public static Registry<LayerKind> registry() {
        return REGISTRY;
    }

    /** Makes a kind known by a name; again in a session: replaces it. */
    public static void register(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, LayerKind> make) {
        REGISTRY.register(name, what, options, make);
    }
}
