package org.lowrank.adapter;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.lowrank.config.Choice;
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

    /** Makes a kind known by a name; again in a session: replaces it. */
    public static void register(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, LayerKind> make) {
        REGISTRY.register(name, what, options, make);
    }

    /** The start of the kind if it has one of its own, else Kaiming A and B = 0. */
    static String startOf(String layer, Map<String, Object> options) {
        var usual = "kaiming";
        if (!REGISTRY.names().contains(layer)) {
            return usual; // no pairs, or a name that the check will refuse
        }
        try {
            var kind = REGISTRY.create(new Choice(layer, options));
            return kind.ownInitialization().orElse(usual);
        } catch (IllegalArgumentException e) {
            return usual; // options that the check will refuse
        }
    }
}
