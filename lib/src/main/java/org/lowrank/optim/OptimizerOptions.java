package org.lowrank.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Hyper-parameters by name, as they stand in a run's JSON. Every option has a default, whose type
 * the given value must have; a name without a default is unknown.
 */
final class OptimizerOptions {

    private final String optimizer;
    private final Map<String, Object> values;

    /**
     * @throws IllegalArgumentException if an option is not known
     */
    OptimizerOptions(String optimizer, Map<String, Object> defaults, Map<String, ?> given) {
        this.optimizer = optimizer;
        values = new LinkedHashMap<>(defaults);
        for (var option : given.entrySet()) {
            if (!defaults.containsKey(option.getKey())) {
                throw new IllegalArgumentException(
                        optimizer
                                + " has no option '"
                                + option.getKey()
                                + "'; its options and their defaults are "
                                + defaults);
            }
            values.put(option.getKey(), option.getValue());
        }
    }

    double number(String name) {
        return value(name, Number.class, "a number").doubleValue();
    }

    boolean flag(String name) {
        return value(name, Boolean.class, "true or false");
    }

    /** An enum constant, given as such or by its name in any case. */
    <E extends Enum<E>> E choice(String name, Class<E> type) {
        var value = values.get(name);
        for (var constant : type.getEnumConstants()) {
            if (constant == value
                    || value instanceof String text
                            && constant.name().equals(text.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw wrong(name, "one of " + List.of(type.getEnumConstants()));
    }

    private <T> T value(String name, Class<T> type, String expected) {
        var value = values.get(name);
        if (!type.isInstance(value)) {
            throw wrong(name, expected);
        }
        return type.cast(value);
    }

    private IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(
                "option '"
                        + name
                        + "' of "
                        + optimizer
                        + " must be "
                        + expected
                        + ", but it is "
                        + values.get(name));
    }
}
