package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

/**
 * Ids and texts of the published libraries, for small tokenizers of every kind and for SmolLM2's.
 */
class TokenizerGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"bpe_gpt2", "bpe_llama2", "bpe_llama3", "unigram_t5", "wordpiece_bert"})
    void everyTextHasThePublishedIds(String name) throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("tokenizers").resolve(name);
        var expected = Json.mapper().readTree(folder.resolve("encodings.json").toFile());
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            assertEquals(expected.get("vocab_size").asInt(), tokenizer.size());
            assertTrue(expected.get("cases").size() >= 35);
            for (var golden : expected.get("cases")) {
                var text = golden.get("text").asText();
                var ids = ints(golden.get("ids"));
                if (golden.has("pair")) {
                    var tokens = tokenizer.encode(text, golden.get("pair").asText(), 512);
                    assertArrayEquals(ids, tokens.ids(), text);
                    if (golden.has("type_ids")) {
                        assertArrayEquals(ints(golden.get("type_ids")), tokens.types(), text);
                    }
                    continue;
                }
                assertArrayEquals(ids, tokenizer.encode(text), text);
                assertArrayEquals(
                        ints(golden.get("ids_without_special")),
                        tokenizer.encodeUnframed(text),
                        text);
                assertEquals(golden.get("decoded").asText(), tokenizer.decode(ids), text);
                assertEquals(
                        golden.get("decoded_skip_special").asText(),
                        tokenizer.decodeText(ids),
                        text);
                streamed(tokenizer, ids);
            }
            for (var batch : expected.path("batch")) {
                cut(tokenizer, batch);
            }
            for (var token : expected.get("special").properties()) {
                assertEquals(token.getValue().asText(), tokenizer.special().get(token.getKey()));
            }
        }
    }

    /** The pieces of a stream, joined, are the text. */
    private static void streamed(TextTokenizer tokenizer, int[] ids) {
        var stream = tokenizer.stream(List.of());
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(stream.add(id));
            assertTrue(tokenizer.decodeText(ids).startsWith(text.toString()));
        }
        text.append(stream.finish());
        assertEquals(tokenizer.decodeText(ids), text.toString());
        assertEquals(text.toString(), stream.text());
    }

    /** Rows of a batch, cut and filled up: what is not filling is ours. */
    private static void cut(TextTokenizer tokenizer, JsonNode batch) {
        for (int row = 0; row < batch.get("texts").size(); row++) {
            var all = ints(batch.get("input_ids").get(row));
            var mask = ints(batch.get("attention_mask").get(row));
            var ids = new ArrayList<Integer>();
            for (int i = 0; i < all.length; i++) {
                if (mask[i] == 1) {
                    ids.add(all[i]);
                } else {
                    assertEquals(all[i], tokenizer.padId());
                }
            }
            var tokens =
                    tokenizer.encode(
                            batch.get("texts").get(row).asText(), batch.get("max_length").asInt());
            assertArrayEquals(ids.stream().mapToInt(Integer::intValue).toArray(), tokens.ids());
        }
    }

    @Test
    void smolLm2HasThePublishedIds() throws IOException {
        var model = GoldenFiles.path("data/models/smollm2-135m-instruct");
        try (var tokenizer = TextTokenizer.ofFolder(model)) {
            smolLm2(tokenizer);
        }
    }

    private static void smolLm2(TextTokenizer tokenizer) throws IOException {
        var texts =
                Json.mapper()
                        .readTree(GoldenFiles.golden("smollm2").resolve("tokens.json").toFile());
        for (var text : texts) {
            var ids = ints(text.get("ids"));
            assertArrayEquals(ids, tokenizer.encode(text.get("text").asText()));
            assertEquals(text.get("decoded").asText(), tokenizer.decode(ids));
        }
        var chats =
                Json.mapper().readTree(GoldenFiles.golden("smollm2").resolve("chat.json").toFile());
        for (var chat : chats) {
            assertArrayEquals(
                    ints(chat.get("ids")), tokenizer.encodeUnframed(chat.get("text").asText()));
        }
        System.out.println("SmolLM2: " + texts.size() + " texts, " + chats.size() + " chats");
    }

    static int[] ints(JsonNode list) {
        var ints = new int[list.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = list.get(i).intValue();
        }
        return ints;
    }
}
