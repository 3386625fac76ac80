package org.lowrank.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One JSON document that people edit or fetch, and the one place that says what is wrong with it:
 * UTF-8 with or without a byte-order mark, not empty, not {@code null}, no key twice, no NaN,
 * nothing after its end. Every refusal names the document, and the line or the key.
 */
public final class JsonDocument {

    /** Larger than any tokenizer or record; what is larger is another kind of file. */
    private static final long LARGEST = 1L << 28;

    private final String name;
    private final String text;

    private JsonDocument(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /**
     * The document of a file.
     *
     * @throws JsonFormatException if it is no UTF-8 text
     * @throws IOException if it cannot be read
     */
    public static JsonDocument read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new JsonFormatException(file.toString(), "this is a folder, a file is expected");
        }
        if (!Files.exists(file)) {
            throw new JsonFormatException(file.toString(), "there is no such file");
        }
        var size = Files.size(file);
        if (size > LARGEST) {
            throw new JsonFormatException(
                    file.toString(), size + " bytes; a JSON document has at most " + LARGEST);
        }
        return of(file.toString(), Files.readAllBytes(file));
    }

    /**
     * The document of bytes.
     *
     * @param name what refusals call it
     */
    public static JsonDocument of(String name, byte[] bytes) throws JsonFormatException {
        return new JsonDocument(name, decoded(name, bytes));
    }

    public static JsonDocument of(String name, String text) {
        return new JsonDocument(name, withoutMark(text));
    }

    /** The text, without a byte-order mark. */
    public String text() {
        return text;
    }

    /** The whole, whatever it is but null. */
    public JsonNode tree() throws JsonFormatException {
        try {
            return present(Json.mapper().readTree(text));
        } catch (JsonProcessingException e) {
            throw refused(e);
        }
    }

    /** The whole, which must be an object. */
    public ObjectNode object() throws JsonFormatException {
        if (tree() instanceof ObjectNode object) {
            return object;
        }
        throw new JsonFormatException(
                name, "the whole must be an object, but it is " + JsonProblem.kind(tree()));
    }

    /** The whole as a value of a type whose fields are all that is allowed. */
    public <T> T as(Class<T> type) throws JsonFormatException {
        try {
            var value = Json.mapper().readValue(text, type);
            if (value == null) {
                present(null);
            }
            return value;
        } catch (JsonProcessingException e) {
            throw refused(e);
        }
    }

    private JsonFormatException refused(JsonProcessingException error) {
        var problem = text.isBlank() ? "the file is empty" : JsonProblem.of(error, "");
        var refusal = new JsonFormatException(name, problem);
        refusal.initCause(error);
        return refusal;
    }

    private JsonNode present(JsonNode tree) throws JsonFormatException {
        if (text.isBlank()) {
            throw new JsonFormatException(name, "the file is empty");
        }
        if (tree == null || tree.isNull()) {
            throw new JsonFormatException(name, "the whole is null, an object is expected");
        }
        return tree;
    }

    private static String decoded(String name, byte[] bytes) throws JsonFormatException {
        var impostor = Impostor.inPlaceOfText(bytes);
        if (impostor.isPresent()) {
            throw new JsonFormatException(name, impostor.get());
        }
        try {
            var decoder = StandardCharsets.UTF_8.newDecoder();
            return withoutMark(decoder.decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            throw new JsonFormatException(
                    name, "line " + lineOfFault(bytes) + ": not UTF-8 text; save it as UTF-8");
        }
    }

    private static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static int lineOfFault(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(1 << 12);
        while (decoder.decode(in, out, true).isOverflow()) {
            out.clear();
        }
        int line = 1;
        for (int i = 0; i < in.position(); i++) {
            line += bytes[i] == '\n' ? 1 : 0;
        }
        return line;
    }
}
