package org.lowrank.data.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.lowrank.config.Json;
import org.lowrank.config.JsonProblem;
import org.lowrank.data.DataFormatException;

/**
 * The file of a published set, of answers or of judgments: one JSON object a line, gzip or plain.
 */
public final class SetFile {

    private SetFile() {}

    /**
     * Every record, in order; blank lines are passed over.
     *
     * @param reading makes a record of an object, with {@link #text} and its like
     * @throws DataFormatException if a line is none; the message names file, line and field
     */
    public static <T> List<T> read(Path file, Function<JsonNode, T> reading) throws IOException {
        var records = new ArrayList<T>();
        var number = 0;
        try (var lines = lines(file)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    records.add(reading.apply(object(number == 1 ? bare(line) : line)));
                }
            }
        } catch (CharacterCodingException e) {
            throw new DataFormatException(file, number + 1, "not UTF-8 text");
        } catch (JsonProcessingException e) {
            throw new DataFormatException(file, number, JsonProblem.of(e, ""));
        } catch (IllegalArgumentException e) {
            throw new DataFormatException(file, number, e.getMessage());
        }
        return records;
    }

    /** A text field that must be there. */
    public static String text(JsonNode record, String field) {
        return required(record, field, record.path(field).isTextual(), "a text").asText();
    }

    /** A whole number that must be there. */
    public static int whole(JsonNode record, String field) {
        return required(record, field, record.path(field).isInt(), "a whole number").asInt();
    }

    /** A number that must be there. */
    public static double number(JsonNode record, String field) {
        return required(record, field, record.path(field).isNumber(), "a number").asDouble();
    }

    /** A list of texts that must be there. */
    public static List<String> texts(JsonNode record, String field) {
        var all = new ArrayList<String>();
        for (var item : required(record, field, record.path(field).isArray(), "a list of texts")) {
            required(record, field, item.isTextual(), "a list of texts");
            all.add(item.asText());
        }
        return List.copyOf(all);
    }

    private static JsonNode required(JsonNode record, String field, boolean right, String kind) {
        if (!right) {
            throw new IllegalArgumentException(
                    field + (record.has(field) ? " must be " : " is missing; it must be ") + kind);
        }
        return record.get(field);
    }

    private static JsonNode object(String line) throws JsonProcessingException {
        var node = Json.mapper().readTree(line);
        if (node == null || !node.isObject()) {
            throw new IllegalArgumentException("an object is expected, one a line");
        }
        return node;
    }

    private static String bare(String line) {
        return line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    private static BufferedReader lines(Path file) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(file));
        try {
            in.mark(2);
            var zipped = in.read() == 0x1F && in.read() == 0x8B;
            in.reset();
            InputStream text = zipped ? new GZIPInputStream(in) : in;
            return new BufferedReader(
                    new InputStreamReader(text, StandardCharsets.UTF_8.newDecoder()));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
