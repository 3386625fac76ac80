package org.lowrank.experiment.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.lowrank.config.Json;

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
        if (!Files.exists(file) || Files.isDirectory(file)) {
            var problem = Files.exists(file) ? "this is a folder" : "there is no such file";
            throw new SpecificationException(file.toAbsolutePath().toString(), List.of(problem));
        }
        return parse(Files.readString(file), profile, file.toString());
    }

    /**
     * Reads a specification from its text.
     *
     * @param source what errors call it
     */
    public static Grid parse(String json, String profile, String source) {
        try {
            var tree = Json.mapper().readTree(json);
            var plain = convert(tree, Experiment.class);
            var chosen = profile.isEmpty() ? plain : withProfile(tree, plain, profile);
            return Grid.of(chosen, profile);
        } catch (JsonProcessingException e) {
            throw new SpecificationException(source, List.of(describe(e, "")));
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
            throw new SpecificationException(type.getSimpleName(), List.of(describe(e, prefix)));
        }
    }

    private static String describe(JsonProcessingException error, String prefix) {
        if (error instanceof UnrecognizedPropertyException unknown) {
            return prefix
                    + path(unknown.getPath())
                    + " is not a known field; allowed here: "
                    + unknown.getKnownPropertyIds().stream()
                            .map(Object::toString)
                            .sorted()
                            .collect(Collectors.joining(", "));
        }
        if (error instanceof InvalidFormatException wrong && wrong.getTargetType().isEnum()) {
            return prefix
                    + path(wrong.getPath())
                    + " is \""
                    + wrong.getValue()
                    + "\"; allowed: "
                    + Arrays.stream(wrong.getTargetType().getEnumConstants())
                            .map(Object::toString)
                            .collect(Collectors.joining(", "));
        }
        if (error instanceof MismatchedInputException wrong) {
            return prefix
                    + path(wrong.getPath())
                    + " must be "
                    + kind(wrong.getTargetType())
                    + given(wrong);
        }
        if (error instanceof StreamReadException syntax) {
            var place = syntax.getLocation();
            return "line "
                    + place.getLineNr()
                    + ", column "
                    + place.getColumnNr()
                    + ": "
                    + syntax.getOriginalMessage();
        }
        var where =
                error instanceof JsonMappingException e ? prefix + path(e.getPath()) + ": " : "";
        return where + error.getOriginalMessage();
    }

    /** The value that was given, where the error tells. */
    private static String given(MismatchedInputException error) {
        return error instanceof InvalidFormatException wrong
                ? ", not \"" + wrong.getValue() + "\""
                : "";
    }

    private static String kind(Class<?> type) {
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == Double.class) {
            return "a number";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (List.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type == String.class ? "a text" : "an object";
    }

    private static String path(List<JsonMappingException.Reference> references) {
        var path = new StringBuilder();
        for (var step : references) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "the whole" : path.toString();
    }
}
