package org.lowrank.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.lowrank.config.JsonFormatException;

/**
 * The tokenizer inside a GGUF file, written as a {@code tokenizer.json}: byte-level BPE with the
 * pre-tokenizer that {@code tokenizer.ggml.pre} names, or SentencePiece's BPE (Llama 2, Mistral),
 * whose merges are made from the scores.
 */
final class GgufTokenizer {

    private static final String KEY = "tokenizer.ggml.";
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final String file;
    private final Map<String, Object> metadata;
    private final List<String> tokens;
    private final List<Integer> types;

    GgufTokenizer(String file, Map<String, Object> metadata) throws JsonFormatException {
        this.file = file;
        this.metadata = metadata;
        tokens = list("tokens").stream().map(Object::toString).toList();
        types = metadata.containsKey(KEY + "token_type") ? numbers("token_type") : List.of();
    }

    TokenizerDescription read() throws JsonFormatException {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        addedTokens(json.putArray("added_tokens"));
        var model = String.valueOf(metadata.get(KEY + "model"));
        switch (model) {
            case "gpt2" -> byteLevel(json);
            case "llama" -> sentencePiece(json);
            default ->
                    throw refused("model", "is \"" + model + "\"; read are gpt2 (BPE) and llama");
        }
        var special = special();
        boolean begins = model.equals("llama") || PreTokenizers.ignoresMerges(pre());
        var bos = flag("add_bos_token", begins) ? special.get("bos_token") : null;
        var eos = flag("add_eos_token", false) ? special.get("eos_token") : null;
        TokenizerJson.frame(file, json, bos, eos);
        var templates = new HashMap<String, String>();
        metadata.forEach(
                (key, value) -> {
                    if (key.startsWith("tokenizer.chat_template") && value instanceof String text) {
                        var name = key.substring("tokenizer.chat_template".length());
                        templates.put(name.isEmpty() ? "default" : name.substring(1), text);
                    }
                });
        return new TokenizerDescription(
                file, json, special, templates, stopIds(), id("padding_token_id"));
    }

    private void byteLevel(ObjectNode json) throws JsonFormatException {
        json.putNull("normalizer");
        var pre = pre();
        json.set(
                "pre_tokenizer",
                PreTokenizers.named(pre)
                        .orElseThrow(
                                () ->
                                        refused(
                                                "pre",
                                                "is \"%s\"; read are %s"
                                                        .formatted(pre, PreTokenizers.names()))));
        json.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        var merges = new ArrayList<String[]>();
        for (var merge : list("merges")) {
            // the first blank that is not the piece itself: pieces hold none, they spell it
            var text = merge.toString();
            int blank = text.indexOf(' ', 1);
            if (blank < 0) {
                throw refused("merges", "holds \"" + text + "\", not two pieces");
            }
            merges.add(new String[] {text.substring(0, blank), text.substring(blank + 1)});
        }
        boolean whole = PreTokenizers.ignoresMerges(pre);
        bpe(json, merges, false).put("ignore_merges", whole).putNull("unk_token");
    }

    private String pre() {
        return String.valueOf(metadata.getOrDefault(KEY + "pre", "default"));
    }

    private void sentencePiece(ObjectNode json) throws JsonFormatException {
        var normal = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (flag("add_space_prefix", true)) {
            normal.addObject().put("type", "Prepend").put("prepend", "\u2581");
        }
        replace(normal.addObject(), " ", "\u2581");
        json.putNull("pre_tokenizer");
        var decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        replace(decoders.addObject(), "\u2581", " ");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (flag("add_space_prefix", true)) {
            decoders.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
        var scores = new ArrayList<Double>();
        list("scores").forEach(score -> scores.add(((Number) score).doubleValue()));
        var unknown = tokens.get(id("unknown_token_id").orElse(0));
        bpe(json, ScoredMerges.of(tokens, scores), true)
                .put("unk_token", unknown)
                .put("ignore_merges", false);
    }

    private static void replace(ObjectNode step, String from, String to) {
        step.put("type", "Replace").putObject("pattern").put("String", from);
        step.put("content", to);
    }

    private ObjectNode bpe(ObjectNode json, List<String[]> merges, boolean bytes) {
        var model = json.putObject("model").put("type", "BPE").putNull("dropout");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", bytes).put("byte_fallback", bytes);
        var vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        var pairs = model.putArray("merges");
        merges.forEach(pair -> pairs.addArray().add(pair[0]).add(pair[1]));
        return model;
    }

    private void addedTokens(ArrayNode added) {
        for (int id = 0; id < types.size(); id++) {
            int type = types.get(id);
            if (type == UNKNOWN || type == CONTROL || type == USER_DEFINED) {
                added.add(TokenizerJson.addedToken(id, tokens.get(id), type != USER_DEFINED));
            }
        }
    }

    private Map<String, String> special() throws JsonFormatException {
        var special = new HashMap<String, String>();
        for (var name :
                Map.of(
                                "bos_token", "bos_token_id",
                                "eos_token", "eos_token_id",
                                "unk_token", "unknown_token_id",
                                "pad_token", "padding_token_id")
                        .entrySet()) {
            var id = id(name.getValue());
            if (id.isPresent()) {
                special.put(name.getKey(), tokens.get(id.getAsInt()));
            }
        }
        return special;
    }

    /** The end of a text, and the end of a turn where the file names one. */
    private List<Integer> stopIds() throws JsonFormatException {
        var ids = new LinkedHashSet<Integer>();
        for (var key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
            id(key).ifPresent(ids::add);
        }
        return List.copyOf(ids);
    }

    private OptionalInt id(String key) throws JsonFormatException {
        if (!(metadata.get(KEY + key) instanceof Number number)) {
            return OptionalInt.empty();
        }
        long id = number.longValue();
        if (id < 0 || id >= tokens.size()) {
            throw refused(key, "is " + id + "; there are " + tokens.size() + " tokens");
        }
        return OptionalInt.of((int) id);
    }

    private boolean flag(String key, boolean unset) {
        return metadata.get(KEY + key) instanceof Boolean value ? value : unset;
    }

    private List<Integer> numbers(String key) throws JsonFormatException {
        var numbers = list(key).stream().map(n -> ((Number) n).intValue()).toList();
        if (numbers.size() != tokens.size()) {
            throw refused(
                    key, "has " + numbers.size() + " entries for " + tokens.size() + " tokens");
        }
        return numbers;
    }

    private List<?> list(String key) throws JsonFormatException {
        var value = metadata.get(KEY + key);
        if (value instanceof List<?> list) {
            return list;
        }
        if (value == null || !value.getClass().isArray()) {
            throw refused(key, "is absent; the file holds no tokenizer that is read here");
        }
        var list = new ArrayList<Object>();
        for (int i = 0; i < Array.getLength(value); i++) {
            list.add(Array.get(value, i));
        }
        return list;
    }

    private JsonFormatException refused(String key, String problem) {
        return new JsonFormatException(file, KEY + key + " " + problem);
    }
}
