package org.lowrank.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoublePredicate;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.weights.MalformedFileException;

/**
 * A {@code config.json} of which every key is accounted for: read, known to change nothing here, or
 * refused by its name. A key that is null counts as absent.
 */
public final class ConfigKeys {

    /** What says nothing of the network: ids, names, how it was made, how text is generated. */
    private static final Set<String> SILENT =
            Set.of(
                    "architectures",
                    "model_type",
                    "transformers_version",
                    "dtype",
                    "torch_dtype",
                    "use_cache",
                    "initializer_range",
                    "initializer_factor",
                    "bos_token_id",
                    "eos_token_id",
                    "pad_token_id",
                    "cls_token_id",
                    "sep_token_id",
                    "mask_token_id",
                    "decoder_start_token_id",
                    "forced_bos_token_id",
                    "forced_eos_token_id",
                    "id2label",
                    "label2id",
                    "num_labels",
                    "problem_type",
                    "name_or_path",
                    "finetuning_task",
                    "task_specific_params",
                    "gradient_checkpointing",
                    "pretraining_tp",
                    "auto_map",
                    "transformers.js_config",
                    "is_llama_config",
                    "unsloth_version",
                    "unsloth_fixed",
                    "output_attentions",
                    "output_hidden_states",
                    "return_dict",
                    "use_return_dict",
                    "torchscript",
                    "chunk_size_feed_forward",
                    "attn_implementation",
                    "model_max_length",
                    "tokenizer_class",
                    "prefix",
                    "do_sample",
                    "early_stopping",
                    "max_length",
                    "min_length",
                    "num_beams",
                    "num_beam_groups",
                    "diversity_penalty",
                    "temperature",
                    "top_k",
                    "top_p",
                    "typical_p",
                    "repetition_penalty",
                    "length_penalty",
                    "no_repeat_ngram_size",
                    "encoder_no_repeat_ngram_size",
                    "num_return_sequences",
                    "output_scores",
                    "return_dict_in_generate",
                    "remove_invalid_values",
                    "exponential_decay_length_penalty",
                    "suppress_tokens",
                    "begin_suppress_tokens",
                    "bad_words_ids",
                    "max_new_tokens");

    /** As transformers calls them. */
    private static final Map<String, Nonlinearity> NONLINEARITIES =
            new TreeMap<>(
                    Map.of(
                            "gelu", Nonlinearity.GELU,
                            "gelu_new", Nonlinearity.GELU_TANH,
                            "gelu_pytorch_tanh", Nonlinearity.GELU_TANH,
                            "quick_gelu", Nonlinearity.QUICK_GELU,
                            "relu", Nonlinearity.RELU,
                            "silu", Nonlinearity.SILU,
                            "swish", Nonlinearity.SILU,
                            "tanh", Nonlinearity.TANH));

    private final Path file;
    private final String path;
    private final JsonNode root;
    private final boolean ofModel;
    private final Set<String> read = new HashSet<>();

    public ConfigKeys(Path file, JsonNode root) {
        this(file, "", root, true);
    }

    private ConfigKeys(Path file, String path, JsonNode root, boolean ofModel) {
        this.ofModel = ofModel;
        this.file = file;
        this.path = path;
        this.root = root;
    }

    /** The value as it stands; missing if it is absent or null. */
    public JsonNode node(String key) {
        read.add(key);
        var value = root.path(key);
        return value.isNull() ? root.path("\0") : value;
    }

    /** True if the key is there and not null. */
    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    /** True if the key is there, null or not. */
    public boolean mentions(String key) {
        return root.has(key);
    }

    /** The first of several names that is there, for a key that has had several. */
    public String oneOf(String... keys) {
        String found = keys[0];
        for (int i = keys.length - 1; i >= 0; i--) {
            read.add(keys[i]);
            found = has(keys[i]) ? keys[i] : found;
        }
        return found;
    }

    /** A whole number of at least 1. */
    public int positive(String key) throws MalformedFileException {
        if (!has(key)) {
            throw refusal(key, "is missing; the model cannot be built without it");
        }
        return positive(key, 0);
    }

    /** A whole number of at least 1, or what it is if absent. */
    public int positive(String key, int absent) throws MalformedFileException {
        var value = node(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (!value.isInt() || value.intValue() < 1) {
            throw refusal(key, "must be a whole number of at least 1, not " + value);
        }
        return value.intValue();
    }

    /** A number within a range. */
    public double number(String key, double absent, String range, DoublePredicate allows)
            throws MalformedFileException {
        var value = node(key);
        if (value.isMissingNode() && !Double.isNaN(absent)) {
            return absent;
        }
        if (!value.isNumber() || !allows.test(value.doubleValue())) {
            throw refusal(
                    key,
                    "must be a number "
                            + range
                            + ", "
                            + (value.isMissingNode() ? "but is missing" : "not " + value));
        }
        return value.doubleValue();
    }

    /** True or false. */
    public boolean flag(String key, boolean absent) throws MalformedFileException {
        var value = node(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw refusal(key, "must be true or false, not " + value);
        }
        return value.isMissingNode() ? absent : value.booleanValue();
    }

    /** A text, or what it is if absent. */
    public String text(String key, String absent) throws MalformedFileException {
        var value = node(key);
        if (!value.isMissingNode() && !value.isTextual()) {
            throw refusal(key, "must be a text, not " + value);
        }
        return value.isMissingNode() ? absent : value.textValue();
    }

    /**
     * The function of a name.
     *
     * @param key at which it is refused if it is not built
     */
    public Nonlinearity nonlinearity(String key, String name) throws MalformedFileException {
        var f = NONLINEARITIES.get(name);
        if (f == null) {
            throw refusal(
                    key, "\"" + name + "\" is not built; known are " + NONLINEARITIES.keySet());
        }
        return f;
    }

    /** The object of a key; empty if absent. */
    public ConfigKeys object(String key) throws MalformedFileException {
        var value = node(key);
        if (!value.isMissingNode() && !value.isObject()) {
            throw refusal(key, "must be an object, not " + value);
        }
        return new ConfigKeys(file, path + key + ".", value, false);
    }

    /** The configuration of a part that is a model itself; empty if absent. */
    public ConfigKeys part(String key) throws MalformedFileException {
        var part = object(key);
        return new ConfigKeys(file, part.path, part.root, true);
    }

    /** Keys that were made for training or for a head, and that say nothing here. */
    public void pass(String... keys) {
        read.addAll(List.of(keys));
    }

    /**
     * Refuses a key unless it has the only value that is built, or is absent.
     *
     * @param only what it may be, as JSON writes it
     */
    public void only(String key, String only) throws MalformedFileException {
        var value = node(key);
        if (!value.isMissingNode() && !value.toString().equals(only)) {
            throw refusal(key, "is " + value + ", which is not built; " + only + " is");
        }
    }

    /**
     * Refuses what nobody has read, unless it is switched off (null, false, empty).
     *
     * @throws MalformedFileException naming the first such key
     */
    public void refuseOthers() throws MalformedFileException {
        var others = new TreeSet<String>();
        for (var entry : root.properties()) {
            var key = entry.getKey();
            var value = entry.getValue();
            boolean off =
                    value.isNull()
                            || value.isBoolean() && !value.booleanValue()
                            || value.isContainerNode() && value.isEmpty();
            boolean known = read.contains(key) || ofModel && SILENT.contains(key);
            if (!known && !off && !key.startsWith("_")) {
                others.add(key);
            }
        }
        if (!others.isEmpty()) {
            throw refusal(
                    others.first(),
                    "is %s, a feature that is not built here; keys that nothing here reads: %s. Remove a key that changes nothing in the network"
                            .formatted(root.get(others.first()), others));
        }
    }

    /** An error at a key of this file. */
    public MalformedFileException refusal(String key, String reason) {
        return new MalformedFileException(file, path + key, reason);
    }
}
