package org.lowrank.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is wrong with a JSON document, in the words of the person who wrote it. */
public final class JsonProblem {

    /** What the parser says, and how it is said here; the first that is found counts. */
    private static final List<Map.Entry<Pattern, String>> WORDS =
            List.of(
                    words("Non-standard token '(-?\\w+)'.*", "$1 is no JSON value"),
                    words("Unexpected character \\('\\}'.*field name.*", "a comma before }"),
                    words(
                            "Unexpected character \\('\\]'.*expected a (valid )?value.*",
                            "a comma before ]"),
                    words(
                            "Numeric value \\((.*?)\\) out of range of .*",
                            "$1 is too large a number"),
                    words("Unexpected character .* comment\\?.*", "a comment, which JSON has not"),
                    words(
                            "Document nesting depth .* maximum allowed \\((\\d+),.*",
                            "lists and objects stand in each other more than $1 deep"),
                    words("Unexpected end-of-input.*", "the text ends inside a value (cut off?)"),
                    words("Trailing token .*", "text after the end of the value"));

    /** What Jackson says of a text where a number or a truth value is expected. */
    private static final Pattern IN_QUOTES =
            Pattern.compile("coerce String value \\((\".*\")\\)", Pattern.DOTALL);

    private JsonProblem() {}

    /**
     * The problem in one line: line and column, or the path of the key behind {@code prefix}.
     *
     * @param prefix where the value stands, for example {@code profiles.quick.}
     */
    public static String of(JsonProcessingException error, String prefix) {
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
        if (error instanceof StreamReadException
                || error.getOriginalMessage().startsWith("Trailing token")) {
            return place(error) + reworded(error.getOriginalMessage());
        }
        if (error instanceof MismatchedInputException wrong) {
            return prefix
                    + path(wrong.getPath())
                    + " must be "
                    + expected(wrong.getTargetType())
                    + given(wrong);
        }
        if (error.getCause() instanceof StreamReadException cause) {
            var read = cause.getLocation() != null && cause.getLocation().getLineNr() > 0;
            var key = error instanceof JsonMappingException e ? prefix + path(e.getPath()) : prefix;
            return (read ? place(cause) : key + ": ") + reworded(cause.getOriginalMessage());
        }
        if (error instanceof ValueInstantiationException wrong) {
            var why = wrong.getCause() instanceof IllegalArgumentException said ? said : null;
            return prefix
                    + path(wrong.getPath())
                    + ": "
                    + (why == null ? "a value in it does not fit" : why.getMessage());
        }
        var where =
                error instanceof JsonMappingException e ? prefix + path(e.getPath()) + ": " : "";
        return where + reworded(error.getOriginalMessage());
    }

    /** A value's kind in words, for example {@code a list}. */
    public static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            default -> "null";
        };
    }

    private static String place(JsonProcessingException error) {
        var place = error.getLocation();
        return place == null || place.getLineNr() < 1
                ? ""
                : "line " + place.getLineNr() + ", column " + place.getColumnNr() + ": ";
    }

    private static String reworded(String message) {
        for (var words : WORDS) {
            var found = words.getKey().matcher(message);
            if (found.matches()) {
                return found.replaceFirst(words.getValue());
            }
        }
        return message;
    }

    private static Map.Entry<Pattern, String> words(String said, String here) {
        return Map.entry(Pattern.compile(said, Pattern.DOTALL), here);
    }

    /** The value that was given, where the error tells. */
    private static String given(MismatchedInputException error) {
        if (error instanceof InvalidFormatException wrong) {
            return ", not \"" + wrong.getValue() + "\"";
        }
        var text = IN_QUOTES.matcher(error.getOriginalMessage());
        return text.find() ? ", not " + text.group(1) : "";
    }

    private static String expected(Class<?> type) {
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == Double.class) {
            return "a number";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type != null && List.class.isAssignableFrom(type)) {
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
