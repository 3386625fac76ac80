package org.lowrank.optim;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lowrank.config.Choice;
import org.lowrank.config.CodeFingerprint;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;
import org.lowrank.config.Problems;
import org.lowrank.config.Registry;

/**
 * The optimizers by name, with their options and defaults: the form in which a table and a run's
 * record name them. The library's own come in by {@link BuiltInOptimizers}, a reader's by {@link
 * #register} in a notebook's cell or by an {@link org.lowrank.config.Extension} of another jar.
 */
public final class Optimizers {

    private static final Registry<PairOptimizer> KNOWN = new Registry<>("optimizer");

    private Optimizers() {}

    /**
     * Makes an optimizer known by name. Again in a session: what the name stood for is replaced.
     *
     * @param what it is, in a few words
     * @param options what {@code make} reads, each declared once
     * @param make a chain from its options
     */
    public static void register(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, PairOptimizer> make) {
        KNOWN.register(
                name,
                what,
                options,
                values -> make.apply(values).describedAs(text(name, values)),
                () -> CodeFingerprint.of(make.getClass()));
    }

    /** For example {@code adamw(beta1=0.9, beta2=0.999, epsilon=1.0E-8, weightDecay=0.0)}. */
    private static String text(String name, OptionValues values) {
        return values.writtenOut().entrySet().stream()
                .map(option -> option.getKey() + "=" + option.getValue())
                .collect(Collectors.joining(", ", name + "(", ")"));
    }

    /**
     * An optimizer.
     *
     * @throws IllegalArgumentException if the name or an option is not known (the message lists
     *     those that are), or a value is not of the option's kind or out of its range
     */
    public static PairOptimizer create(Choice choice) {
        return KNOWN.create(choice);
    }

    /** An optimizer with its defaults. */
    public static PairOptimizer create(String name) {
        return KNOWN.create(name);
    }

    /**
     * An optimizer.
     *
     * @param options numbers, booleans and enum names, as JSON holds them; those left out have
     *     their defaults
     */
    public static PairOptimizer create(String name, Map<String, ?> options) {
        return KNOWN.create(new Choice(name, new TreeMap<>(options)));
    }

    /** Reports an unknown name, unknown options and values that are not allowed. */
    public static void check(Choice choice, String field, Problems problems) {
        KNOWN.check(choice, field, problems);
    }

    /** Every default written out, as a run's configuration holds them. */
    public static Choice complete(Choice choice) {
        return KNOWN.complete(choice);
    }

    public static boolean isOfThisSession(String name) {
        return KNOWN.isOfThisSession(name);
    }

    public static Set<String> names() {
        return KNOWN.names();
    }

    /** What a method is, in a few words. */
    public static String description(String name) {
        return KNOWN.what(name);
    }

    /** The options of a method and their defaults, as a record holds them. */
    public static Map<String, Object> options(String name) {
        return KNOWN.defaults(name);
    }

    /** What a method is, and a line for each option: name, default, meaning, range. */
    public static String help(String name) {
        return KNOWN.help(name);
    }
}
