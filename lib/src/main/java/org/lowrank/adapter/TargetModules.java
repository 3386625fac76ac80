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
            try {
                if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", path)) {
                    return Optional.of(entry.getValue());
                }
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "'" + entry.getKey() + "' is not a regular expression for module paths", e);
            }
        }
        return Optional.empty();
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
