package org.lowrank.adapter;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which modules a list of target patterns means, as PEFT reads it: a pattern is a path or its last
 * parts.
 */
final class TargetModules {

    private static final int LONGEST_PATTERN = 500;
    private static final int MOST_REPETITIONS = 4;
    private static final Pattern REPETITION = Pattern.compile("[*+?{]");
    private static final Pattern REPEATED_GROUP = Pattern.compile("\\)[*+?{]");

    private TargetModules() {}

    /**
     * @throws IllegalArgumentException if a pattern matches nothing; the message lists the names
     *     there are
     */
    static List<String> select(Collection<String> paths, List<String> patterns) {
        var selected = new LinkedHashSet<String>();
        for (var pattern : patterns) {
            var before = selected.size();
            for (var path : paths) {
                if (matches(path, pattern)) {
                    selected.add(path);
                }
            }
            if (selected.size() == before && paths.stream().noneMatch(p -> matches(p, pattern))) {
                throw new IllegalArgumentException(
                        "target module '"
                                + pattern
                                + "' is not in the model. Known: "
                                + LoraConfig.ALL_LINEAR
                                + ", "
                                + String.join(", ", shortNames(paths))
                                + ", or a full path such as "
                                + paths.iterator().next());
            }
        }
        return paths.stream().filter(selected::contains).toList();
    }

    private static boolean matches(String path, String pattern) {
        return pattern.equals(LoraConfig.ALL_LINEAR) || isSuffix(path, pattern);
    }

    /** True if a pattern is a path or its last parts. */
    static boolean isSuffix(String path, String pattern) {
        return path.equals(pattern) || path.endsWith("." + pattern);
    }

    /**
     * The value of the first key that matches a path, as PEFT reads {@code rank_pattern} and {@code
     * alpha_pattern}: a key is a regular expression for the last parts of a path.
     *
     * @throws IllegalArgumentException if a key is not a regular expression
     */
    static <T> Optional<T> firstMatch(String path, Map<String, T> byPattern) {
        for (var entry : byPattern.entrySet()) {
            if (compiled(entry.getKey()).matcher(path).matches()) {
                return Optional.of(entry.getValue());
            }
        }
        return Optional.empty();
    }

    /**
     * @throws IllegalArgumentException if a key matches none of the adapted modules, and so would
     *     change nothing
     */
    static void requireMatch(String field, Collection<String> keys, List<String> paths) {
        for (var key : keys) {
            var pattern = compiled(key);
            if (paths.stream().noneMatch(path -> pattern.matcher(path).matches())) {
                throw new IllegalArgumentException(
                        "%s '%s' matches none of the adapted modules; a key is a regular expression for"
                                        .formatted(field, key)
                                + " the last parts of a path, and the paths end in "
                                + String.join(", ", shortNames(paths)));
            }
        }
    }

    /**
     * Patterns come from files too: the shapes on which matching takes exponential time (a repeated
     * group, many repetitions) are refused.
     */
    private static Pattern compiled(String pattern) {
        boolean costly =
                pattern.length() > LONGEST_PATTERN
                        || REPEATED_GROUP.matcher(pattern).find()
                        || REPETITION.matcher(pattern).results().count() > MOST_REPETITIONS;
        try {
            if (!costly) {
                return Pattern.compile("(.*\\.)?(" + pattern + ")");
            }
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new IllegalArgumentException(
                    "'" + pattern + "' is not a regular expression for module paths", e);
        }
        throw new IllegalArgumentException(
                "'"
                        + pattern
                        + "' is too costly a pattern for module paths: at most "
                        + MOST_REPETITIONS
                        + " repetitions, none of a group");
    }

    /** Short names that select exactly the wanted paths, or these themselves if none do. */
    static List<String> names(Collection<String> all, Collection<String> wanted) {
        var names = List.copyOf(shortNames(wanted));
        return new LinkedHashSet<>(select(all, names)).equals(new LinkedHashSet<>(wanted))
                ? names
                : List.copyOf(wanted);
    }

    /** The paths without their layer prefix: what repeats in every layer is named once. */
    private static TreeSet<String> shortNames(Collection<String> paths) {
        var names = new TreeSet<String>();
        for (var path : paths) {
            names.add(path.replaceFirst("^.*\\.\\d+\\.", ""));
        }
        return names;
    }
}
