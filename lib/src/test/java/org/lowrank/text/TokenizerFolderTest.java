package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files beside a tokenizer.json say of its special tokens. */
class TokenizerFolderTest {

    /** Words by number; 0 is {@code <s>}, 1 {@code </s>}, 2 {@code <pad>}. */
    private static final String TOKENIZER =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [%s, %s, %s], "normalizer": null,
             "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "?",
                       "vocab": {"<s>": 0, "</s>": 1, "<pad>": 2, "?": 3, "one": 4, "a": 5}}}
            """
                    .formatted(
                            TokenizerJson.addedToken(0, "<s>", true),
                            TokenizerJson.addedToken(1, "</s>", true),
                            TokenizerJson.addedToken(2, "<pad>", true));

    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        put("tokenizer.json", TOKENIZER);
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private int[] encoded(String text) throws IOException {
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            return tokenizer.encode(text);
        }
    }

    private Set<Integer> stops() throws IOException {
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            return tokenizer.stopIds();
        }
    }

    private int pad() throws IOException {
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            return tokenizer.padId();
        }
    }

    @Test
    void theConfigSaysWhetherATextIsFramed() throws IOException {
        assertArrayEquals(new int[] {4}, encoded("one"));
        put(
                "tokenizer_config.json",
                "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}}");
        assertArrayEquals(new int[] {4}, encoded("one"));
        for (var framed :
                Map.of(
                                "true, \"add_eos_token\": false", new int[] {0, 4},
                                "true, \"add_eos_token\": true", new int[] {0, 4, 1},
                                "false", new int[] {4})
                        .entrySet()) {
            put(
                    "tokenizer_config.json",
                    "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"add_bos_token\": "
                            + framed.getKey()
                            + "}");
            assertArrayEquals(framed.getValue(), encoded("one"), framed.getKey());
        }
        put("tokenizer_config.json", "{\"bos_token\": \"[X]\", \"add_bos_token\": true}");
        var error = assertThrows(IOException.class, () -> encoded("one"));
        assertTrue(error.getMessage().contains("the token [X]"), error.getMessage());
    }

    @Test
    void everyStopOfTheGenerationConfigCountsElseThoseOfTheConfig() throws IOException {
        assertEquals(Set.of(), stops());
        put("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
        assertEquals(Set.of(1), stops());
        put("config.json", "{\"eos_token_id\": [2, 31]}");
        assertEquals(Set.of(2, 31), stops());
        put("generation_config.json", "{\"eos_token_id\": [49, 80]}");
        assertEquals(Set.of(49, 80), stops());
        put("generation_config.json", "{\"eos_token_id\": 7}");
        assertEquals(Set.of(7), stops());
        put("generation_config.json", "{\"eos_token_id\": null}");
        assertEquals(Set.of(2, 31), stops());
    }

    @Test
    void aModelWithoutPaddingIsFilledUpWithAnEos() throws IOException {
        put("config.json", "{\"eos_token_id\": [5, 1], \"pad_token_id\": null}");
        assertEquals(5, pad());
        put("config.json", "{\"eos_token_id\": 1, \"pad_token_id\": 3}");
        assertEquals(3, pad());
        put("special_tokens_map.json", "{\"pad_token\": \"<pad>\"}");
        assertEquals(2, pad());
    }

    @Test
    void tokensThatOnlyTheConfigKnowsAreAdded() throws IOException {
        put(
                "tokenizer_config.json",
                "{\"added_tokens_decoder\": {\"6\": {\"content\": \"<turn>\", \"lstrip\": false,"
                        + " \"normalized\": false, \"rstrip\": false, \"single_word\": false,"
                        + " \"special\": true}}}");
        assertArrayEquals(new int[] {4, 6, 5}, encoded("one<turn>a"));
    }

    @Test
    void chatTemplatesComeFromTheConfigOrAFile() throws IOException {
        put(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"},"
                        + " {\"name\": \"tool_use\", \"template\": \"t\"}]}");
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            assertEquals("d", tokenizer.chatTemplate("default").orElseThrow());
            assertEquals("t", tokenizer.chatTemplate("tool_use").orElseThrow());
        }
        put("chat_template.jinja", "f");
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            assertEquals("f", tokenizer.chatTemplate("default").orElseThrow());
        }
    }

    @Test
    void aFolderWithoutItsFileSaysWhatMakesIt() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        put("tokenizer.model", "x");
        var error = assertThrows(IOException.class, () -> encoded("one"));
        assertTrue(error.getMessage().contains("only tokenizer.model"), error.getMessage());
        assertTrue(error.getMessage().contains("save_pretrained"), error.getMessage());
        put("tokenizer.json", "{\"version\": ");
        error = assertThrows(IOException.class, () -> encoded("one"));
        assertTrue(error.getMessage().contains("ends inside a value"), error.getMessage());
    }

    @Test
    void anIdBeyondItsOwnHasNoTextAndANegativeOneIsRefused() throws IOException {
        try (var tokenizer = TextTokenizer.ofFolder(folder)) {
            assertEquals(tokenizer.decode(new int[] {4}), tokenizer.decode(new int[] {4, 6}));
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> tokenizer.decode(new int[] {4, -6}));
            assertTrue(error.getMessage().contains("id -6 is not in"), error.getMessage());
        }
    }
}
