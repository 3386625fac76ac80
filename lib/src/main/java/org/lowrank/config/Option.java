package org.lowrank.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * One option of something that is known by name, declared once: from it follow the check of a
 * table, the default in the record, the help text, and the value that code reads. A handle serves
 * several methods; another default keeps the name: {@code EPSILON.unset(1e-6)}.
 *
 * @param name as a table writes it
 * @param unset the value where a table says nothing
 * @param range the allowed values, in words that follow "must be": {@code in [0, 1)}
 * @param allows whether a value of this type is in that range
 * @param meaning what it does, in a few words
 */
public record Option<T>(
        String name, Class<T> type, T unset, String range, Predicate<T> allows, String meaning) {

    public Option {
        if (!allows.test(unset)) {
            throw new IllegalArgumentException(
                    "the default of " + name + " must be " + range + ", but it is " + unset);
        }
    }

    /** A finite number; a whole one in a table is one too. */
    public static Option<Double> number(
            String name, double unset, String range, DoublePredicate allows, String meaning) {
        return new Option<>(
                name,
                Double.class,
                unset,
                range,
                value -> Double.isFinite(value) && allows.test(value),
                meaning);
    }

    public static Option<Integer> whole(
            String name, int unset, String range, IntPredicate allows, String meaning) {
        return new Option<>(name, Integer.class, unset, range, allows::test, meaning);
    }

    public static Option<Boolean> flag(String name, boolean unset, String meaning) {
        return new Option<>(name, Boolean.class, unset, "true or false", value -> true, meaning);
    }

    /** A constant of an enum, by its name in any case. */
    public static <E extends Enum<E>> Option<E> choice(
            String name, E unset, Class<E> type, String meaning) {
        var range = "one of " + List.of(type.getEnumConstants());
        return new Option<>(name, type, unset, range, value -> true, meaning);
    }

    public Option<T> unset(T other) {
        return new Option<>(name, type, other, range, allows, meaning);
    }

    /**
     * The options of all parts in their order. Of two with one name the later counts, in the place
     * of the first: so a method gives an option of its parts another default.
     *
     * @throws IllegalArgumentException if the two are of different types
     */
    @SafeVarargs
    public static List<Option<?>> all(List<Option<?>>... parts) {
        var all = new LinkedHashMap<String, Option<?>>();
        for (var part : parts) {
            for (var option : part) {
                var before = all.put(option.name(), option);
                if (before != null && before.type() != option.type()) {
                    throw new IllegalArgumentException(
                            "two options are called '" + option.name() + "'");
                }
            }
        }
        return List.copyOf(all.values());
    }

    /**
     * A value as a table or a caller gives it.
     *
     * @throws IllegalArgumentException if it is of another kind or out of range
     */
    T read(Object given) {
        var value = converted(given);
        if (value == null) {
            throw new IllegalArgumentException(
                    "'" + name + "' must be " + kind() + ", but it is " + given);
        }
        if (!allows.test(value)) {
            throw new IllegalArgumentException(name + " must be " + range + ", but it is " + given);
        }
        return value;
    }

    /**
     * For a value that was not read from a table.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public void require(T value) {
        read(value);
    }

    private T converted(Object given) {
        if (type.isInstance(given)) {
            return type.cast(given);
        }
        if (type == Double.class && given instanceof Number number) {
            return type.cast(number.doubleValue());
        }
        if (type == Integer.class && given instanceof Long number && number == number.intValue()) {
            return type.cast(number.intValue());
        }
        if (type.isEnum() && given instanceof String text) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(c -> ((Enum<?>) c).name().equals(text.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElse(null);
        }
        return null;
    }

    private String kind() {
        if (type == Double.class) {
            return "a number";
        }
        return type == Integer.class ? "a whole number" : range;
    }

    /** The default as a record holds it. */
    Object unsetInJson() {
        return unset instanceof Enum<?> constant ? constant.name() : unset;
    }

    String help() {
        return String.format(
                Locale.ROOT, "  %-22s %-12s %s (%s)", name, unsetInJson(), meaning, range);
    }
}
