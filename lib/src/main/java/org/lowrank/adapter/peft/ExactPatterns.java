package org.lowrank.adapter.peft;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A {@code rank_pattern} or {@code alpha_pattern} that says for each pair what it has.
 *
 * <p>A pattern that somebody wrote is matched against module paths from the root of a model, and
 * means something else where the same encoder stands at the root itself: {@code ^encoder.*}. Full
 * paths mean the same in every model that has them, and in every version of PEFT.
 */
final class ExactPatterns {

    private ExactPatterns() {}

    /**
     * The values that are not the usual one, by path. A key also matches paths that end with it,
     * and the first key that matches counts: longer paths come first, and a path that ends with
     * another key is listed although its value is the usual one.
     */
    static <T> Map<String, T> of(Map<String, T> byPath, T usual) {
        var patterns = new LinkedHashMap<String, T>();
        byPath.keySet().stream()
                .sorted(Comparator.comparing(String::length).reversed().thenComparing(p -> p))
                .filter(
                        path ->
                                !byPath.get(path).equals(usual)
                                        || endsWithAKey(path, byPath, usual))
                .forEach(path -> patterns.put(path, byPath.get(path)));
        return patterns;
    }

    private static <T> boolean endsWithAKey(String path, Map<String, T> byPath, T usual) {
        return byPath.entrySet().stream()
                .anyMatch(e -> !e.getValue().equals(usual) && path.endsWith("." + e.getKey()));
    }
}
