package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;

/**
 * A tokenizer from the metadata of a GGUF file gives the ids of the tokenizer.json it came from.
 */
class GgufTokenizerTest {

    private static final String KEY = "tokenizer.ggml.";

    /** What a converter writes for a tokenizer.json. */
    private static Map<String, Object> metadata(Path folder, String model, String pre)
            throws IOException {
        var json = Json.mapper().readTree(folder.resolve("tokenizer.json").toFile());
        var vocabulary = json.at("/model/vocab");
        var tokens = new String[vocabulary.size()];
        vocabulary.properties().forEach(e -> tokens[e.getValue().asInt()] = e.getKey());
        var types = new int[tokens.length];
        Arrays.fill(types, 1);
        for (JsonNode added : json.get("added_tokens")) {
            tokens[added.get("id").asInt()] = added.get("content").asText();
            types[added.get("id").asInt()] = 3;
        }
        var ids = new HashMap<String, Integer>();
        for (int id = 0; id < tokens.length; id++) {
            ids.put(tokens[id], id);
        }
        var scores = new float[tokens.length];
        var merges = new ArrayList<String>();
        for (var merge : json.at("/model/merges")) {
            var left = merge.isArray() ? merge.get(0).asText() : merge.asText().split(" ")[0];
            var right = merge.isArray() ? merge.get(1).asText() : merge.asText().split(" ")[1];
            scores[ids.get(left + right)] = -merges.size() - 1;
            merges.add(left + " " + right);
        }
        var metadata = new HashMap<String, Object>();
        metadata.put(KEY + "model", model);
        metadata.put(KEY + "pre", pre);
        metadata.put(KEY + "tokens", tokens);
        metadata.put(KEY + "token_type", types);
        metadata.put(KEY + "merges", merges);
        metadata.put(KEY + "scores", scores);
        metadata.put(KEY + "bos_token_id", model.equals("llama") ? 1L : 0L);
        metadata.put(KEY + "eos_token_id", model.equals("llama") ? 2L : 1L);
        metadata.put("tokenizer.chat_template", "{{ messages }}");
        return metadata;
    }

    private static int same(String name, String model, String pre) throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("tokenizers").resolve(name);
        var expected = Json.mapper().readTree(folder.resolve("encodings.json").toFile());
        try (var tokenizer = TextTokenizer.ofGguf("m.gguf", metadata(folder, model, pre))) {
            int seen = 0;
            for (var golden : expected.get("cases")) {
                if (!golden.has("pair")) {
                    var ids = TokenizerGoldenTest.ints(golden.get("ids"));
                    var text = golden.get("text").asText();
                    assertArrayEquals(ids, tokenizer.encode(text), text);
                    assertEquals(golden.get("decoded").asText(), tokenizer.decode(ids));
                    seen++;
                }
            }
            return seen;
        }
    }

    @Test
    void byteLevelModelsKeepTheirIds() throws IOException {
        assertTrue(same("bpe_gpt2", "gpt2", "gpt-2") > 30);
        assertTrue(same("bpe_llama3", "gpt2", "llama-bpe") > 30);
    }

    @Test
    void sentencePieceKeepsItsIdsThoughItHasScoresInsteadOfMerges() throws IOException {
        assertTrue(same("bpe_llama2", "llama", "default") > 30);
    }

    @Test
    void digitsOfSmolLmAreSplitBeforeBlanksAreJoined() throws IOException {
        var folder = GoldenFiles.path("data/models/smollm2-135m-instruct");
        var texts =
                Json.mapper()
                        .readTree(GoldenFiles.golden("smollm2").resolve("tokens.json").toFile());
        var metadata = metadata(folder, "gpt2", "smollm");
        metadata.put(KEY + "eos_token_id", 2);
        try (var tokenizer = TextTokenizer.ofGguf("m.gguf", metadata)) {
            for (var text : texts) {
                assertArrayEquals(
                        TokenizerGoldenTest.ints(text.get("ids")),
                        tokenizer.encode(text.get("text").asText()),
                        text.get("text").asText());
            }
            assertEquals(Set.of(2), tokenizer.stopIds());
            assertEquals("<|im_end|>", tokenizer.special().get("eos_token"));
            assertTrue(tokenizer.chatTemplate("default").isPresent());
        }
    }

    @Test
    void whatIsNotReadIsRefusedByItsKey() throws IOException {
        var metadata = new HashMap<String, Object>();
        metadata.put(KEY + "tokens", List.of("a", "b"));
        metadata.put(KEY + "model", "bert");
        refused(metadata, KEY + "model is \"bert\"");
        metadata.put(KEY + "model", "gpt2");
        metadata.put(KEY + "merges", List.of("a b"));
        metadata.put(KEY + "pre", "tekken");
        refused(metadata, KEY + "pre is \"tekken\"");
        metadata.put(KEY + "pre", "gpt-2");
        metadata.put(KEY + "bos_token_id", 7);
        refused(metadata, KEY + "bos_token_id is 7");
        metadata.remove(KEY + "tokens");
        refused(metadata, KEY + "tokens is absent");
    }

    private static void refused(Map<String, Object> metadata, String expected) {
        var error =
                assertThrows(
                        IOException.class, () -> TextTokenizer.ofGguf("m.gguf", metadata).close());
        assertTrue(error.getMessage().contains("m.gguf: " + expected), error.getMessage());
    }

    /** Stories260K's list, against the plain statement of its method: the best pair first. */
    @Test
    void theTokenListOfLlama2MergesTheBestPairFirst() throws IOException {
        var file = GoldenFiles.path("data/lm/tok512.bin");
        var in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        in.getInt();
        var scores = new HashMap<String, Float>();
        while (in.hasRemaining()) {
            float score = in.getFloat();
            var bytes = new byte[in.getInt()];
            in.get(bytes);
            scores.putIfAbsent(new String(bytes, StandardCharsets.UTF_8), score);
        }
        var story =
                "Once upon a time, there was a little girl named Lily. She loved to play outside"
                        + " in the park. One day, she saw a big, red ball. \"Let's run!\" said Tom.";
        try (var tokenizer = TextTokenizer.ofLlama2(file)) {
            assertEquals(512, tokenizer.size());
            var ids = tokenizer.encode(story);
            assertEquals(1, ids[0]);
            assertEquals(story, tokenizer.decodeText(ids));
            var words = new ArrayList<String>();
            for (int i = 1; i < ids.length; i++) {
                words.add(tokenizer.decode(new int[] {ids[0], ids[i]}).substring(3));
            }
            assertEquals(merged(" " + story, scores), words);
            assertEquals("\u00E9\n", tokenizer.decodeText(tokenizer.encode("\u00E9\n")));
        }
    }

    private static List<String> merged(String text, Map<String, Float> scores) {
        var pieces = new ArrayList<String>();
        text.codePoints().forEach(c -> pieces.add(Character.toString(c)));
        while (true) {
            int best = -1;
            float highest = Float.NEGATIVE_INFINITY;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                var score = scores.get(pieces.get(i) + pieces.get(i + 1));
                if (score != null && score > highest) {
                    highest = score;
                    best = i;
                }
            }
            if (best < 0) {
                return pieces;
            }
            pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
        }
    }

    @Test
    void aCutTokenListIsNamed(@TempDir Path folder) throws IOException {
        var file = Files.write(folder.resolve("tok.bin"), new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 9});
        var error = assertThrows(IOException.class, () -> TextTokenizer.ofLlama2(file).close());
        assertTrue(error.getMessage().contains("tok.bin: token 0"), error.getMessage());
    }
}
