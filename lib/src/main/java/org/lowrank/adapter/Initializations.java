package org.lowrank.adapter;

import java.util.List;
import java.util.function.Function;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Registry;

/**
 * Starts of pairs by name. One of a reader's own, in a cell:
 *
 * <pre>{@code
 * Initializations.register("ones", "A all ones, B = 0", List.of(), options -> new Ones());
 * AdapterSet.inject(model, LoraConfig.ofRank(8).withInitialization("ones"), seed);
 * }</pre>
 */
public final class Initializations {

    static final Registry<Initialization> REGISTRY = new Registry<>("initialisation");

    private Initializations() {}

    public static Registry<Initialization> registry() {
        return REGISTRY;
    }

    /** Makes a start known by a name; again in a session: replaces it. */
    public static void register(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, Initialization> make) {
        REGISTRY.register(name, what, options, make);
    }
}
