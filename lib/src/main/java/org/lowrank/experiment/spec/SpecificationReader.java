package org.lowrank.experiment.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonFormatException;
import org.lowrank.config.JsonProblem;

/** Reads specifications and says in the user's terms what is wrong with one. */
public final class SpecificationReader {

    private SpecificationReader() {}

    /**
     * Reads a specification file and expands it.
     *
     * @param profile for example {@code quick}; empty for the file as it stands
     * @throws SpecificationException if it cannot be run
     * @throws IOException if the file cannot be read
     */
    public static Grid read(Path file, String profile) throws IOException {
        try {
            return parse(JsonDocument.read(file).text(), profile, file.toString());
        } catch (JsonFormatException e) {
            throw new SpecificationException(file.toString(), List.of(e.problem()));
        }
    }

    /**
     * Reads a specification from its text.
     *
     * @param source what errors call it
     */
    public static Grid parse(String json, String profile, String source) {
        try {
            var tree = JsonDocument.of(source, json).object();
            var plain = convert(tree, Experiment.class);
            var chosen = profile.isEmpty() ? plain : withProfile(tree, plain, profile);
            return Grid.of(chosen, profile);
        } catch (JsonFormatException e) {
            throw new SpecificationException(source, List.of(e.problem()));
        } catch (SpecificationException e) {
            throw new SpecificationException(source, e.problems());
        }
    }

    private static Experiment withProfile(JsonNode tree, Experiment plain, String profile) {
        var changes = plain.profiles().get(profile);
        if (changes == null) {
            throw new SpecificationException(
                    "profile",
                    List.of(
                            "profiles has no \""
                                    + profile
                                    + "\"; "
                                    + (plain.profiles().isEmpty()
                                            ? "the file has no profiles, leave the profile out"
                                            : "it has: "
                                                    + String.join(
                                                            ", ", plain.profiles().keySet()))));
        }
        convert(changes, Experiment.class, "profiles." + profile + ".");
        return convert(Json.merged(tree, changes), Experiment.class);
    }

    static <T> T convert(JsonNode tree, Class<T> type) {
        return convert(tree, type, "");
    }

    /** A record from JSON; the problem of a wrong field carries its path behind {@code prefix}. */
    static <T> T convert(JsonNode tree, Class<T> type, String prefix) {
        try {
            return Json.mapper().treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw new SpecificationException(
                    type.getSimpleName(), List.of(JsonProblem.of(e, prefix)));
        }
    }
}
