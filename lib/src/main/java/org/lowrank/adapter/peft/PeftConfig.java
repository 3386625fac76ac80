package org.lowrank.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.lowrank.adapter.safetensors.MalformedFileException;

/**
 * A checked view of an {@code adapter_config.json}: each getter names the field that is not what it
 * should be.
 */
final class PeftConfig {

    /** Fields that change what the tensors mean, and the values under which they do not. */
    private static final Map<String, Predicate<JsonNode>> HARMLESS =
            Map.of(
                    "fan_in_fan_out", PeftConfig::isOff,
                    "bias", v -> isOff(v) || v.asText().equals("none"),
                    "lora_bias", PeftConfig::isOff,
                    "layer_replication", PeftConfig::isOff,
                    "megatron_config", PeftConfig::isOff,
                    "trainable_token_indices", PeftConfig::isOff,
                    "target_parameters", PeftConfig::isOff,
                    "use_qalora", PeftConfig::isOff,
                    "alora_invocation_tokens", PeftConfig::isOff);

    private final Path file;
    private final JsonNode root;

    PeftConfig(Path file, JsonNode root) throws MalformedFileException {
        this.file = file;
        this.root = root;
        for (var entry : HARMLESS.entrySet()) {
            var value = root.path(entry.getKey());
            if (!entry.getValue().test(value)) {
                throw refusal(
                        entry.getKey(),
                        value + " is not supported here; LoRA on linear maps without it is");
            }
        }
    }

    private static boolean isOff(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || value.isBoolean() && !value.booleanValue()
                || value.isContainerNode() && value.isEmpty();
    }

    /** {@code LORA} or {@code ADALORA}. */
    String type() throws MalformedFileException {
        var type = root.path("peft_type").asText();
        if (!type.equals("LORA") && !type.equals("ADALORA")) {
            throw refusal("peft_type", "'" + type + "' is neither LORA nor ADALORA");
        }
        return type;
    }

    boolean flag(String field) throws MalformedFileException {
        var value = root.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw refusal(field, "must be true or false, not " + value);
        }
        return value.asBoolean();
    }

    int positiveInt(String field, int absent) throws MalformedFileException {
        return root.hasNonNull(field) ? positiveInt(field, root.get(field)) : absent;
    }

    private int positiveInt(String field, JsonNode value) throws MalformedFileException {
        if (!value.isInt() || value.intValue() < 1) {
            throw refusal(field, "must be a whole number of at least 1, not " + value);
        }
        return value.intValue();
    }

    int countingInt(String field, int absent) throws MalformedFileException {
        var value = root.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isInt() || value.intValue() < 0) {
            throw refusal(field, "must be a whole number of at least 0, not " + value);
        }
        return value.intValue();
    }

    double number(String field, double absent) throws MalformedFileException {
        return root.hasNonNull(field) ? number(field, root.get(field)) : absent;
    }

    private double number(String field, JsonNode value) throws MalformedFileException {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || value.doubleValue() < 0) {
            throw refusal(field, "must be a finite number of at least 0, not " + value);
        }
        return value.doubleValue();
    }

    /** A list of names; empty if the field is absent, null, or one pattern in place of a list. */
    List<String> names(String field) throws MalformedFileException {
        var names = new ArrayList<String>();
        var value = root.path(field);
        if (value.isArray()) {
            for (var name : value) {
                if (!name.isTextual()) {
                    throw refusal(field, "must list names, but holds " + name);
                }
                names.add(name.textValue());
            }
        } else if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
            throw refusal(field, "must be a list of names, not " + value);
        }
        return names;
    }

    Map<String, Integer> ranks() throws MalformedFileException {
        var ranks = new LinkedHashMap<String, Integer>();
        for (var entry : object("rank_pattern").properties()) {
            var field = "rank_pattern." + entry.getKey();
            ranks.put(entry.getKey(), positiveInt(field, entry.getValue()));
        }
        return ranks;
    }

    Map<String, Double> alphas() throws MalformedFileException {
        var alphas = new LinkedHashMap<String, Double>();
        for (var entry : object("alpha_pattern").properties()) {
            var field = "alpha_pattern." + entry.getKey();
            alphas.put(entry.getKey(), number(field, entry.getValue()));
        }
        return alphas;
    }

    /** AdaLoRA's {@code rank_pattern}: which triplets are in the file, by {@code PATH.lora_E}. */
    Map<String, boolean[]> keptTriplets() throws MalformedFileException {
        var kept = new LinkedHashMap<String, boolean[]>();
        for (var entry : object("rank_pattern").properties()) {
            var flags = entry.getValue();
            var field = "rank_pattern." + entry.getKey();
            if (!flags.isArray()) {
                throw refusal(field, "must be a list of true and false, not " + flags);
            }
            var array = new boolean[flags.size()];
            for (int i = 0; i < array.length; i++) {
                if (!flags.get(i).isBoolean()) {
                    throw refusal(field, "must hold true and false only, not " + flags.get(i));
                }
                array[i] = flags.get(i).booleanValue();
            }
            kept.put(entry.getKey(), array);
        }
        return kept;
    }

    private JsonNode object(String field) throws MalformedFileException {
        var value = root.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isObject()) {
            throw refusal(field, "must be an object, not " + value);
        }
        return value;
    }

    MalformedFileException refusal(String field, String reason) {
        return new MalformedFileException(file, field, reason);
    }
}
