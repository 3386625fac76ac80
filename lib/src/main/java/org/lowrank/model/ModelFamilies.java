package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.lowrank.weights.MalformedFileException;
import org.lowrank.weights.TensorSource;

/** All families on the class path. */
public final class ModelFamilies {

    private ModelFamilies() {}

    /** Every {@code model_type} that is understood, with its family. */
    public static TreeMap<String, ModelFamily> byType() {
        var families = new TreeMap<String, ModelFamily>();
        for (var family : all()) {
            family.types().forEach(type -> families.put(type, family));
        }
        return families;
    }

    private static Iterable<ModelFamily> all() {
        return ServiceLoader.load(ModelFamily.class, ModelFamily.class.getClassLoader());
    }

    /** The configuration of weights that came without one, by the first family that knows them. */
    static Optional<ObjectNode> configOf(TensorSource weights) throws IOException {
        for (var family : all()) {
            var config = family.configOf(weights);
            if (config.isPresent()) {
                return config;
            }
        }
        return Optional.empty();
    }

    /**
     * The family of a configuration.
     *
     * @param file of the configuration, for messages
     * @throws MalformedFileException if it names no model type, or an unknown one; the message
     *     lists those that are known
     */
    public static ModelFamily of(Path file, JsonNode config) throws IOException {
        var families = byType();
        var known = families.keySet();
        if (!config.path("model_type").isTextual()) {
            var architecture = config.path("architectures").path(0).asText();
            var like =
                    known.stream()
                            .filter(t -> architecture.toLowerCase(Locale.ROOT).startsWith(t))
                            .max(Comparator.comparingInt(String::length))
                            .map(
                                    t ->
                                            "; its architectures say %s: \"%s\"?"
                                                    .formatted(architecture, t))
                            .orElse("");
            throw new MalformedFileException(
                    file, "model_type", "is missing; known are " + known + like);
        }
        var type = config.path("model_type").textValue();
        var family = families.get(type);
        if (family == null) {
            throw new MalformedFileException(
                    file,
                    "model_type",
                    "\"%s\" is not known; the nearest is \"%s\", known are %s"
                            .formatted(type, nearest(type, List.copyOf(known)), known));
        }
        return family;
    }

    private static String nearest(String word, List<String> known) {
        return known.stream().min(Comparator.comparingInt(k -> distance(word, k))).orElse("");
    }

    /** Levenshtein's distance: insertions, deletions and changes of a letter. */
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
