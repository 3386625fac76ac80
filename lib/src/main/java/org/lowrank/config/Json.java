package org.lowrank.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * How this kit writes and reads JSON: names in snake_case, unknown and double fields refused, a
 * number or truth value in quotes too, and one canonical form whose hash names a configuration.
 */
public final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS) // "8" is a text, not 8
                    .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                    .build();

    private Json() {}

    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** JSON over several lines, ended by a newline. */
    public static String pretty(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
        }
    }

    /** JSON on one line, without a newline. */
    public static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
        }
    }

    /**
     * The canonical form: keys sorted at every level, no blanks, numbers that are equal written
     * alike (1e-4, 0.0001 and 0.00010 are one), so that equal configurations have equal text.
     */
    public static String canonical(JsonNode node) {
        return line(sorted(node));
    }

    /** SHA-256 of the canonical form, 64 hex digits. */
    public static String hash(JsonNode node) {
        return DigestUtils.sha256Hex(canonical(node));
    }

    private static JsonNode sorted(JsonNode node) {
        var factory = JsonNodeFactory.instance;
        if (node.isObject()) {
            var fields = new TreeMap<String, JsonNode>();
            node.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
            var object = factory.objectNode();
            fields.forEach(object::set);
            return object;
        }
        if (node.isArray()) {
            var array = factory.arrayNode();
            node.forEach(e -> array.add(sorted(e)));
            return array;
        }
        if (node instanceof DoubleNode || node instanceof DecimalNode || node.isFloat()) {
            double value = node.doubleValue();
            boolean whole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
            return whole ? factory.numberNode((long) value) : factory.numberNode(value);
        }
        return node.isInt() ? factory.numberNode(node.longValue()) : node;
    }

    /** A value with other contents of some fields, by their names in JSON. */
    public static <T> T with(T value, Map<String, ?> fields) {
        ObjectNode tree = MAPPER.valueToTree(value);
        tree.setAll((ObjectNode) MAPPER.valueToTree(fields));
        @SuppressWarnings("unchecked")
        var type = (Class<T>) value.getClass();
        return convert(tree, type);
    }

    /**
     * A value of a type from its fields.
     *
     * @throws IllegalArgumentException the type's own refusal, if it has one
     */
    public static <T> T convert(Object fields, Class<T> type) {
        try {
            return MAPPER.convertValue(fields, type);
        } catch (IllegalArgumentException e) {
            boolean refused = e.getCause() instanceof ValueInstantiationException;
            throw refused && e.getCause().getCause() instanceof IllegalArgumentException own
                    ? own
                    : e;
        }
    }

    /** {@code base} with every field of {@code changes} laid over it, objects merged in depth. */
    public static ObjectNode merged(JsonNode base, JsonNode changes) {
        ObjectNode result = base.deepCopy();
        changes.properties()
                .forEach(
                        field -> {
                            var old = result.get(field.getKey());
                            var now = field.getValue();
                            boolean deeper = old != null && old.isObject() && now.isObject();
                            result.set(field.getKey(), deeper ? merged(old, now) : now.deepCopy());
                        });
        return result;
    }
}
