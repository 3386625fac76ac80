package org.lowrank.adapter;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Which modules a list of target patterns means, as PEFT reads it: a pattern is a path or its last
 * parts, or a regular expression for all of it.
 */
final class TargetModules {

    private static final int LONGEST_PATTERN = 500;
    private static final int MOST_REPETITIONS = 4;
    private static final Pattern EXPRESSION = Pattern.compile("[^\\w.-]");
    private static final Pattern REPETITION = Pattern.compile("[*+?{]");
    private static final Pattern REPEATED_GROUP = Pattern.compile("\\)[*+?{]");

    private TargetModules() {}

    /**
     * The modules that a configuration adapts, in the order of {@code linears}. As in PEFT, {@code
     * all-linear} leaves convolutions, tables and heads out: they are asked for by name.
     *
     * @throws IllegalArgumentException if a pattern or the number of a layer matches nothing, or
     *     nothing is left; the message lists what there is
     */
    static List<String> select(Map<String, AdaptableLinear> linears, LoraConfig config) {
        var maps = new LinkedHashSet<>(linears.keySet());
        maps.removeIf(path -> linears.get(path).role() != AdaptableLinear.Role.WITHIN);
        var targets = matching("target module", linears.keySet(), config.targetModules(), maps);
        targets.removeAll(matching("exclude_modules", targets, config.excludeModules(), maps));
        var layers = Set.copyOf(config.layersToTransform());
        if (!layers.isEmpty()) {
            var numbers = new TreeMap<String, Integer>();
            var pattern = layerNumber(config.layersPattern());
            for (var path : targets) {
                var match = pattern.matcher(path);
                if (match.lookingAt()) {
                    numbers.put(path, Integer.valueOf(match.group(1)));
                }
            }
            var known = new TreeSet<>(numbers.values());
            for (var layer : config.layersToTransform()) {
                if (!known.contains(layer)) {
                    throw new IllegalArgumentException(
                            "layers_to_transform %d is no layer of the target modules %s%s; there are %s"
                                    .formatted(
                                            layer,
                                            config.targetModules(),
                                            config.layersPattern().isEmpty()
                                                    ? ""
                                                    : " under " + config.layersPattern(),
                                            known));
                }
            }
            targets.removeIf(path -> !layers.contains(numbers.get(path)));
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "exclude_modules "
                            + config.excludeModules()
                            + " leaves no target module to adapt");
        }
        return List.copyOf(targets);
    }

    /** Finds the last number in a path that follows one of the names, or any. */
    private static Pattern layerNumber(List<String> names) {
        var before = names.isEmpty() ? "[^.]*" : "(?:" + String.join("|", names) + ")";
        return compiled("(?:.*\\.)?" + before + "\\.(\\d{1,9})\\.", names.toString());
    }

    private static Set<String> matching(
            String field, Collection<String> paths, List<String> patterns, Set<String> maps) {
        var selected = new LinkedHashSet<String>();
        for (var pattern : patterns) {
            Predicate<String> matches =
                    pattern.equals(LoraConfig.ALL_LINEAR) ? maps::contains : matches(pattern);
            if (paths.stream().noneMatch(matches)) {
                throw new IllegalArgumentException(
                        "%s '%s' is not in the model. Known: %s, %s, or a full path such as %s"
                                .formatted(
                                        field,
                                        pattern,
                                        LoraConfig.ALL_LINEAR,
                                        String.join(", ", shortNames(paths)),
                                        paths.iterator().next()));
            }
            paths.stream().filter(matches).forEach(selected::add);
        }
        return paths.stream()
                .filter(selected::contains)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** A pattern that cannot be a path is a regular expression for all of one. */
    private static Predicate<String> matches(String pattern) {
        return EXPRESSION.matcher(pattern).find()
                ? compiled(pattern, pattern).asMatchPredicate()
                : path -> isSuffix(path, pattern);
    }

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
            if (compiledEnd(entry.getKey()).matcher(path).matches()) {
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
            var pattern = compiledEnd(key);
            if (paths.stream().noneMatch(path -> pattern.matcher(path).matches())) {
                throw new IllegalArgumentException(
                        "%s '%s' matches none of the adapted modules; a key is a regular expression for"
                                        .formatted(field, key)
                                + " the last parts of a path, and the paths end in "
                                + String.join(", ", shortNames(paths)));
            }
        }
    }

    /** The expression for the last parts of a path. */
    private static Pattern compiledEnd(String key) {
        return compiled("(.*\\.)?(" + key + ")", key);
    }

    /**
     * Patterns come from files too: the shapes on which matching takes exponential time (a repeated
     * group, many repetitions) are refused.
     *
     * @param pattern as somebody wrote it, a part of the expression
     */
    private static Pattern compiled(String expression, String pattern) {
        boolean costly =
                pattern.length() > LONGEST_PATTERN
                        || REPEATED_GROUP.matcher(pattern).find()
                        || REPETITION.matcher(pattern).results().count() > MOST_REPETITIONS;
        try {
            if (!costly) {
                return Pattern.compile(expression);
            }
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new IllegalArgumentException(
                    "'" + pattern + "' is not a regular expression for module paths", e);
        }
        throw new IllegalArgumentException(
                ("'%s' is too costly a pattern for module paths: at most %s repetitions,"
                                + " none of a group")
                        .formatted(pattern, MOST_REPETITIONS));
    }

    /** Short names that select exactly the wanted paths, or these themselves if none do. */
    static List<String> names(Collection<String> all, Collection<String> wanted) {
        var names = List.copyOf(shortNames(wanted));
        return matching("target module", all, names, Set.of()).equals(new LinkedHashSet<>(wanted))
                ? names
                : List.copyOf(wanted);
    }

    /**
     * The paths without their layer prefix: what repeats in every layer is named once. PEFT knows a
     * table of embeddings by its last name alone.
     */
    private static TreeSet<String> shortNames(Collection<String> paths) {
        var names = new TreeSet<String>();
        for (var path : paths) {
            names.add(path.replaceFirst("^.*\\.(\\d+\\.|(?=embed_tokens$))", ""));
        }
        return names;
    }
}
