package org.lowrank.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonFormatException;

/**
 * The tokenizer of a Hugging Face folder: {@code tokenizer.json}, and what {@code
 * tokenizer_config.json}, {@code special_tokens_map.json}, {@code generation_config.json}, {@code
 * config.json} and {@code chat_template.jinja} say of it.
 */
final class TokenizerFolder {

    private static final List<String> NAMED =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    private final Path folder;

    TokenizerFolder(Path folder) {
        this.folder = folder;
    }

    TokenizerDescription read() throws IOException {
        var file = folder.resolve("tokenizer.json");
        if (!Files.exists(file)) {
            throw new JsonFormatException(file.toString(), "there is no such file" + cure());
        }
        var json = JsonDocument.read(file).object();
        var config = optional("tokenizer_config.json");
        var special = special(config, optional("special_tokens_map.json"));
        var added = json.path("added_tokens");
        if (!added.isArray() && !added.isMissingNode() && !added.isNull()) {
            throw new JsonFormatException(file.toString(), "added_tokens should be a list");
        }
        addTokens(json, config.path("added_tokens_decoder"));
        frame(file, json, config, special);
        return new TokenizerDescription(
                file.toString(), json, special, chatTemplates(config), stopIds(), padId());
    }

    private String cure() {
        var cure =
                "; with transformers, AutoTokenizer.from_pretrained(folder).save_pretrained(folder)"
                        + " writes it";
        for (var other : List.of("tokenizer.model", "vocab.txt", "vocab.json", "spiece.model")) {
            if (Files.exists(folder.resolve(other))) {
                return ", only " + other + cure;
            }
        }
        return "";
    }

    private ObjectNode optional(String name) throws IOException {
        var file = folder.resolve(name);
        return Files.exists(file)
                ? JsonDocument.read(file).object()
                : JsonNodeFactory.instance.objectNode();
    }

    /** A token is written as a text or as an object with its content. */
    private static Map<String, String> special(ObjectNode config, ObjectNode older) {
        var special = new HashMap<String, String>();
        for (var name : NAMED) {
            var token = config.hasNonNull(name) ? config.get(name) : older.path(name);
            var content = token.isObject() ? token.path("content") : token;
            if (content.isTextual()) {
                special.put(name, content.textValue());
            }
        }
        return special;
    }

    /** Tokens that tokenizer_config.json alone knows. */
    private static void addTokens(ObjectNode json, JsonNode decoder) {
        var added = json.withArray("/added_tokens");
        var known = new HashMap<Integer, JsonNode>();
        added.forEach(token -> known.put(token.path("id").asInt(-1), token));
        decoder.properties()
                .forEach(
                        entry -> {
                            int id = Integer.parseInt(entry.getKey());
                            if (!known.containsKey(id) && entry.getValue().isObject()) {
                                added.add(((ObjectNode) entry.getValue().deepCopy()).put("id", id));
                            }
                        });
    }

    /** An explicit add_bos_token or add_eos_token goes before the file's own post-processor. */
    private static void frame(
            Path file, ObjectNode json, ObjectNode config, Map<String, String> special)
            throws JsonFormatException {
        if (!config.path("add_bos_token").isBoolean()
                && !config.path("add_eos_token").isBoolean()) {
            return;
        }
        var bos = config.path("add_bos_token").asBoolean(false) ? special.get("bos_token") : null;
        var eos = config.path("add_eos_token").asBoolean(false) ? special.get("eos_token") : null;
        TokenizerJson.frame(file.toString(), json, bos, eos);
    }

    private Map<String, String> chatTemplates(ObjectNode config) throws IOException {
        var templates = new HashMap<String, String>();
        var field = config.path("chat_template");
        if (field.isTextual()) {
            templates.put("default", field.textValue());
        }
        for (var entry : field.isArray() ? field : List.<JsonNode>of()) {
            templates.put(entry.path("name").asText(), entry.path("template").asText());
        }
        var file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            templates.put("default", JsonDocument.read(file).text());
        } else if (Files.exists(folder.resolve("chat_template.json"))) {
            var older = optional("chat_template.json").path("chat_template");
            if (older.isTextual()) {
                templates.put("default", older.textValue());
            }
        }
        return templates;
    }

    /** generation_config.json wins whole; a key that it lacks is config.json's. */
    private List<Integer> stopIds() throws IOException {
        for (var name : List.of("generation_config.json", "config.json")) {
            var ids = optional(name).path("eos_token_id");
            var found = new ArrayList<Integer>();
            (ids.isArray() ? ids : List.of(ids))
                    .forEach(id -> found.addAll(id.isInt() ? List.of(id.intValue()) : List.of()));
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private OptionalInt padId() throws IOException {
        for (var name : List.of("generation_config.json", "config.json")) {
            var id = optional(name).path("pad_token_id");
            if (id.isInt() && id.intValue() >= 0) {
                return OptionalInt.of(id.intValue());
            }
        }
        return OptionalInt.empty();
    }
}
