package org.lowrank.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.lowrank.config.JsonFormatException;

/** Parts of a {@code tokenizer.json}, read and written. */
final class TokenizerJson {

    private TokenizerJson() {}

    /** The id of a token: an added one, or one of the model's vocabulary. */
    static OptionalInt id(ObjectNode json, String token) {
        for (var added : json.path("added_tokens")) {
            if (added.path("content").asText().equals(token)) {
                return OptionalInt.of(added.path("id").asInt());
            }
        }
        var vocabulary = json.path("model").path("vocab");
        if (vocabulary.has(token)) {
            return OptionalInt.of(vocabulary.get(token).asInt());
        }
        for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
            if (vocabulary.get(i).path(0).asText().equals(token)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /**
     * Refuses what would end the process: the native library does not survive a frame of tokens
     * that it does not know, whatever the type of the frame is called.
     */
    static void requireSound(String file, JsonNode processor) throws JsonFormatException {
        for (var part : processor.path("processors")) {
            requireSound(file, part);
        }
        for (var form : List.of("single", "pair")) {
            for (var step : processor.path(form)) {
                var token = step.path("SpecialToken").path("id");
                var ids = processor.path("special_tokens").path(token.asText()).path("ids");
                if (!token.isMissingNode() && ids.isEmpty()) {
                    throw new JsonFormatException(
                            file,
                            "post_processor.%s frames a text by %s, which its special_tokens lack"
                                    .formatted(form, token.asText()));
                }
            }
        }
    }

    /** The same for merges whose second part lacks the mark of a word's inner parts. */
    static void requireMarked(String file, JsonNode model) throws JsonFormatException {
        var mark = model.path("continuing_subword_prefix").textValue();
        if (mark == null || !model.path("type").asText("BPE").equals("BPE")) {
            return;
        }
        for (var merge : model.path("merges")) {
            var text = merge.isArray() ? merge.path(1).asText() : merge.asText();
            var second = text.substring(text.lastIndexOf(' ') + 1);
            if (!second.startsWith(mark)) {
                throw new JsonFormatException(
                        file,
                        "model.continuing_subword_prefix is %s, which the merge %s lacks"
                                .formatted(mark, merge));
            }
        }
    }

    /** The ids of all added tokens, and of others where they are known. */
    static Map<String, Integer> ids(ObjectNode json, Collection<String> others) {
        var ids = new HashMap<String, Integer>();
        others.forEach(token -> id(json, token).ifPresent(id -> ids.put(token, id)));
        json.path("added_tokens")
                .forEach(
                        token -> ids.put(token.path("content").asText(), token.path("id").asInt()));
        return ids;
    }

    /** The number of ids: one more than the largest. */
    static int size(ObjectNode json) {
        var vocabulary = json.path("model").path("vocab");
        int size = vocabulary.isArray() ? vocabulary.size() : 0;
        for (JsonNode id : vocabulary.isObject() ? vocabulary : json.objectNode()) {
            size = Math.max(size, id.asInt() + 1);
        }
        for (var added : json.path("added_tokens")) {
            size = Math.max(size, added.path("id").asInt() + 1);
        }
        return size;
    }

    /** Sets the frame of a text: bos before it, eos after it, each unless null. */
    static void frame(String file, ObjectNode json, String bos, String eos)
            throws JsonFormatException {
        if (bos == null && eos == null) {
            json.putNull("post_processor");
            return;
        }
        var processor = json.putObject("post_processor").put("type", "TemplateProcessing");
        var known = processor.putObject("special_tokens");
        for (var token : new String[] {bos, eos}) {
            if (token != null) {
                int id =
                        id(json, token)
                                .orElseThrow(
                                        () ->
                                                new JsonFormatException(
                                                        file,
                                                        "the token "
                                                                + token
                                                                + " that frames a text is not in"
                                                                + " its vocabulary"));
                var entry = known.putObject(token).put("id", token);
                entry.putArray("ids").add(id);
                entry.putArray("tokens").add(token);
            }
        }
        for (var form : List.of("single", "pair")) {
            var steps = processor.putArray(form);
            for (var text : form.equals("single") ? List.of("A") : List.of("A", "B")) {
                int type = text.equals("A") ? 0 : 1;
                step(steps, "SpecialToken", bos, type);
                step(steps, "Sequence", text, type);
                step(steps, "SpecialToken", eos, type);
            }
        }
    }

    private static void step(ArrayNode steps, String kind, String id, int type) {
        if (id != null) {
            steps.addObject().putObject(kind).put("id", id).put("type_id", type);
        }
    }

    static ObjectNode addedToken(int id, String content, boolean special) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }
}
