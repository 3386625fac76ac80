package org.lowrank.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonFormatException;

/**
 * JSON of untrusted files: UTF-8 only, shallow, numbers of sane length, no name twice, nothing
 * after the end.
 */
public final class StrictJson {

    /** The headers and configurations that are read here need three levels. */
    private static final int DEEPEST = 16;

    private static final int LONGEST_NUMBER = 40;

    /** The limit that the reference implementation sets for a header. */
    static final int LARGEST = 100_000_000;

    private static final JsonFactory FACTORY =
            new JsonFactoryBuilder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(LONGEST_NUMBER)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    // interned or canonical names would let a hostile file fill tables that outlive
                    // it
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private StrictJson() {}

    static JsonParser parser(String text) throws IOException {
        return FACTORY.createParser(text);
    }

    /** The text of bytes that must be UTF-8. */
    static String utf8(Path file, String field, ByteBuffer bytes) throws MalformedFileException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFileException(file, field, "not UTF-8 text", e);
        }
    }

    /**
     * A whole JSON file whose top is an object.
     *
     * @throws MalformedFileException if it is anything else, or not there
     * @throws IOException if it cannot be read
     */
    public static JsonNode readObject(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw MissingFile.refusal(file);
        }
        try {
            return JsonDocument.read(file).object();
        } catch (JsonFormatException e) {
            throw new MalformedFileException(file, "JSON", e.problem(), e);
        }
    }
}
