package org.lowrank.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What is known by name: built in, brought by an {@link Extension}, or registered in this session.
 * A room stands before its registry with a class of static methods.
 */
public final class Registry<T> {

    private final String kind;
    private final Map<String, Entry<T>> entries = new LinkedHashMap<>();

    /**
     * @param code fingerprint of a session's own, null for what a jar brought
     */
    private record Entry<T>(
            String what,
            Map<String, Option<?>> options,
            Function<OptionValues, T> make,
            String code) {}

    /**
     * @param kind what one of them is called, for example {@code optimizer}
     */
    public Registry(String kind) {
        this.kind = kind;
    }

    /**
     * Makes a name known. Again in a session: what the name stood for there is replaced.
     *
     * @param what it is, in a few words
     * @param make builds one from its options; a value out of an option's range never gets there
     * @throws IllegalArgumentException if the name came with a jar, the library's own included
     */
    public void register(
            String name, String what, List<Option<?>> options, Function<OptionValues, T> make) {
        register(name, what, options, make, () -> CodeFingerprint.of(make.getClass()));
    }

    /**
     * The same where {@code make} is not the caller's own code.
     *
     * @param fingerprint of all that decides what is made, asked for a session's own name
     */
    public void register(
            String name,
            String what,
            List<Option<?>> options,
            Function<OptionValues, T> make,
            Supplier<String> fingerprint) {
        boolean ofJar = Extensions.isEntering();
        if (!ofJar) {
            Extensions.enter();
        }
        var declared = new LinkedHashMap<String, Option<?>>();
        Option.all(options).forEach(option -> declared.put(option.name(), option));
        var code = ofJar ? null : fingerprint.get();
        synchronized (entries) {
            var before = entries.get(name);
            if (before != null && before.code() == null) {
                throw new IllegalArgumentException(
                        "there is %s '%s' already (%s); choose another name"
                                .formatted(withArticle(kind), name, before.what()));
            }
            entries.put(name, new Entry<>(what, declared, make, code));
        }
    }

    /**
     * Makes one.
     *
     * @throws IllegalArgumentException if the name or an option is not known (the message lists
     *     those that are), if a value is of another kind or out of range, or if the code behind the
     *     name is no longer what {@link Choice#code} says
     */
    public T create(Choice choice) {
        var entry = entry(choice.name());
        if (choice.code() != null && !choice.code().equals(entry.code())) {
            throw new IllegalArgumentException(
                    ("the code of %s '%s' is not the one that this was planned with; plan it"
                                    + " again")
                            .formatted(kind, choice.name()));
        }
        return entry.make().apply(values(choice, entry));
    }

    /** One with every option at its default. */
    public T create(String name) {
        return create(new Choice(name, Map.of()));
    }

    /** Reports an unknown name, unknown options and values that are not allowed. */
    public void check(Choice choice, String field, Problems problems) {
        check(choice, field + ".name", field + ".options", problems);
    }

    /** The same where a table writes the name and the options in two fields of their own. */
    public void check(Choice choice, String nameField, String optionsField, Problems problems) {
        var known = names();
        problems.oneOf(nameField, choice.name(), known);
        if (!known.contains(choice.name())) {
            return;
        }
        var options = entry(choice.name()).options();
        choice.options()
                .forEach(
                        (name, value) -> {
                            var field = optionsField + "." + name;
                            var option = options.get(name);
                            if (option == null) {
                                var allowed = String.join(", ", options.keySet());
                                problems.require(
                                        false,
                                        field,
                                        "is not an option of "
                                                + choice.name()
                                                + "; allowed: "
                                                + (allowed.isEmpty() ? "none" : allowed));
                                return;
                            }
                            try {
                                option.read(value);
                            } catch (IllegalArgumentException e) {
                                problems.require(false, optionsField + ":", e.getMessage());
                            }
                        });
    }

    /** Every default written out; for a session's own name also its code's fingerprint. */
    public Choice complete(Choice choice) {
        var entry = entry(choice.name());
        var options = new LinkedHashMap<>(defaults(choice.name()));
        options.putAll(choice.options());
        return new Choice(choice.name(), options, entry.code());
    }

    /** The options of a name with their defaults, as a record holds them. */
    public Map<String, Object> defaults(String name) {
        return values(new Choice(name, Map.of()), entry(name)).writtenOut();
    }

    /** True if only this process knows the name, and no worker does. */
    public boolean isOfThisSession(String name) {
        return entry(name).code() != null;
    }

    /** The known names: the library's, those of other jars, this session's. */
    public Set<String> names() {
        Extensions.enter();
        synchronized (entries) {
            return Collections.unmodifiableSet(new LinkedHashMap<>(entries).keySet());
        }
    }

    public String what(String name) {
        return entry(name).what();
    }

    /** What a name stands for, and a line for each of its options. */
    public String help(String name) {
        var entry = entry(name);
        return name
                + ": "
                + entry.what()
                + "\n"
                + entry.options().values().stream()
                        .map(option -> option.help() + "\n")
                        .collect(Collectors.joining());
    }

    private Entry<T> entry(String name) {
        Extensions.enter();
        synchronized (entries) {
            var entry = entries.get(name);
            if (entry == null) {
                throw new IllegalArgumentException(
                        "there is no " + kind + " '" + name + "'; known are " + entries.keySet());
            }
            return entry;
        }
    }

    private static String withArticle(String noun) {
        return ("aeiou".indexOf(noun.charAt(0)) < 0 ? "a " : "an ") + noun;
    }

    private static <T> Values values(Choice choice, Entry<T> entry) {
        var values = new LinkedHashMap<String, Object>();
        entry.options().forEach((name, option) -> values.put(name, option.unset()));
        choice.options()
                .forEach(
                        (name, given) -> {
                            var option = entry.options().get(name);
                            if (option == null) {
                                throw new IllegalArgumentException(
                                        choice.name()
                                                + " has no option '"
                                                + name
                                                + "'; its options and their defaults are "
                                                + new Values(choice.name(), values).writtenOut());
                            }
                            try {
                                values.put(name, option.read(given));
                            } catch (IllegalArgumentException e) {
                                throw new IllegalArgumentException(
                                        choice.name() + ": " + e.getMessage(), e);
                            }
                        });
        return new Values(choice.name(), values);
    }

    private record Values(String owner, Map<String, Object> values) implements OptionValues {

        @Override
        public <V> V get(Option<V> option) {
            var value = values.get(option.name());
            if (!option.type().isInstance(value)) {
                throw new IllegalArgumentException(
                        "%s was registered without the option '%s'; it has %s"
                                .formatted(owner, option.name(), values.keySet()));
            }
            return option.type().cast(value);
        }

        @Override
        public Map<String, Object> writtenOut() {
            var all = new LinkedHashMap<String, Object>();
            values.forEach((n, v) -> all.put(n, v instanceof Enum<?> c ? c.name() : v));
            return Collections.unmodifiableMap(all);
        }

        /** For example {@code beta1=0.9, beta2=0.999}. */
        @Override
        public String toString() {
            return values.entrySet().stream()
                    .map(Map.Entry::toString)
                    .collect(Collectors.joining(", "));
        }
    }
}
