package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.weights.GgufFile;

/** The tokenizer and the chat template that lie in SmolLM2's own GGUF file. */
class GgufFileTokenizerTest {

    @Test
    void aModelInOneFileBringsItsTokensAndItsTalks() throws IOException {
        var file =
                GoldenFiles.path("data/models/smollm2-135m-instruct")
                        .resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        var golden = GoldenFiles.golden("smollm2");
        var texts = Json.mapper().readTree(golden.resolve("tokens.json").toFile());
        var chats = Json.mapper().readTree(golden.resolve("chat.json").toFile());
        try (var gguf = GgufFile.open(file);
                var tokenizer = TextTokenizer.ofGguf(file.toString(), gguf.metadata())) {
            for (var text : texts) {
                var ids = TokenizerGoldenTest.ints(text.get("ids"));
                assertArrayEquals(ids, tokenizer.encode(text.get("text").asText()));
                assertEquals(text.get("decoded").asText(), tokenizer.decode(ids));
            }
            for (var chat : chats) {
                var messages =
                        Json.mapper()
                                .convertValue(
                                        chat.get("messages"),
                                        new TypeReference<List<Map<String, Object>>>() {});
                var text =
                        tokenizer
                                .chat()
                                .render(messages, chat.get("add_generation_prompt").asBoolean());
                assertEquals(chat.get("text").asText(), text);
                assertArrayEquals(
                        TokenizerGoldenTest.ints(chat.get("ids")), tokenizer.encodeUnframed(text));
            }
            assertEquals(2, tokenizer.padId());
            assertEquals(Set.of(2), tokenizer.stopIds());
        }
    }
}
