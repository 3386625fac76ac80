package org.lowrank.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What is known of a tokenizer before it is built.
 *
 * @param file what errors call it
 * @param json the content of a {@code tokenizer.json}
 * @param special special tokens by the names that templates use, for example {@code bos_token}
 * @param chatTemplates templates by name; the usual one is {@code default}
 * @param stopIds ids that end a generated text, none if nothing names them
 * @param padId the model's own padding id
 */
record TokenizerDescription(
        String file,
        ObjectNode json,
        Map<String, String> special,
        Map<String, String> chatTemplates,
        List<Integer> stopIds,
        OptionalInt padId) {

    TokenizerDescription {
        special = Map.copyOf(special);
        chatTemplates = Map.copyOf(chatTemplates);
        stopIds = List.copyOf(stopIds);
    }

    TokenizerDescription withoutContent() {
        return new TokenizerDescription(file, null, special, chatTemplates, stopIds, padId);
    }
}
