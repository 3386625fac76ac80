package org.lowrank.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lowrank.config.Json;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.model.PretrainedModel;

/**
 * Ids are those of bert-base-uncased's vocabulary: [CLS] 101, [SEP] 102, "the" 1996, "cat" 4937.
 */
class TextTokenizerTest {

    private static TextTokenizer tokenizer;

    @BeforeAll
    static void load() throws IOException {
        tokenizer = read();
    }

    private static TextTokenizer read() throws IOException {
        try (var opened = PretrainedModel.open("all-MiniLM-L6-v2")) {
            return opened.tokenizer();
        }
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void aSentenceIsFramedLowerCasedAndNotPadded() {
        var tokens = tokenizer.encode("The CAT", 64);
        assertArrayEquals(new int[] {101, 1996, 4937, 102}, tokens.ids());
        assertArrayEquals(new int[4], tokens.types());
    }

    private static TextTokenizer changed(String name, Consumer<ObjectNode> change)
            throws IOException {
        var folder = GoldenFiles.golden("hf").resolve("tokenizers").resolve(name);
        var json = (ObjectNode) Json.mapper().readTree(folder.resolve("tokenizer.json").toFile());
        change.accept(json);
        var bytes = Json.line(json).getBytes(StandardCharsets.UTF_8);
        return new TextTokenizer("t/tokenizer.json", new ByteArrayInputStream(bytes));
    }

    @Test
    void aFileThatMakesNothingOfATextIsNamed() throws IOException {
        Consumer<ObjectNode> eraser =
                json ->
                        json.putObject("normalizer")
                                .put("type", "Replace")
                                .put("content", "")
                                .putObject("pattern")
                                .put("Regex", ".");
        try (var nothing = changed("bpe_gpt2", eraser)) {
            var error = assertThrows(RuntimeException.class, () -> nothing.encode("a", 16));
            assertTrue(error.getMessage().startsWith("t/tokenizer.json makes no token"));
        }
        Consumer<ObjectNode> unknown =
                json -> ((ObjectNode) json.at("/model/vocab")).remove(List.of("a", "[UNK]"));
        var error = assertThrows(IOException.class, () -> changed("wordpiece_bert", unknown));
        assertTrue(error.getMessage().startsWith("t/tokenizer.json: "), error.getMessage());
    }

    @Test
    void aPairHasTypeOneAfterTheFirstSeparator() {
        var tokens = tokenizer.encode("the cat", "the", 64);
        assertArrayEquals(new int[] {101, 1996, 4937, 102, 1996, 102}, tokens.ids());
        assertArrayEquals(new int[] {0, 0, 0, 0, 1, 1}, tokens.types());
    }

    @Test
    void theFilesOwnLimitOf128TokensDoesNotAct() {
        var tokens = tokenizer.encode("the ".repeat(300), 512);
        assertEquals(302, tokens.length());
    }

    @Test
    void aLongSentenceIsCutAtTheLengthAskedForAndKeepsItsFrame() {
        var tokens = tokenizer.encode("the ".repeat(300), 16);
        assertEquals(16, tokens.length());
        assertEquals(101, tokens.ids()[0]);
        assertEquals(102, tokens.ids()[15]);
    }

    @Test
    void theLongerSentenceOfAPairIsCutFirst() {
        var longFirst = tokenizer.encode("the ".repeat(50), "cat cat", 16);
        assertEquals(16, longFirst.length());
        assertEquals(2, Arrays.stream(longFirst.ids()).filter(id -> id == 4937).count());
        var longSecond = tokenizer.encode("cat cat", "the ".repeat(50), 16);
        assertEquals(2, Arrays.stream(longSecond.ids()).filter(id -> id == 4937).count());
        var bothLong = tokenizer.encode("the ".repeat(50), "cat ".repeat(50), 15);
        assertEquals(6, Arrays.stream(bothLong.ids()).filter(id -> id == 1996).count());
        assertEquals(6, Arrays.stream(bothLong.ids()).filter(id -> id == 4937).count());
    }

    @Test
    void aLengthWithoutRoomForWordsIsRefused() {
        var error = assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a", 2));
        assertTrue(error.getMessage().contains("at least 3"), error.getMessage());
    }

    @Test
    void manyThreadsMayTokenizeWhileItIsClosed() throws Exception {
        var shared = read();
        var threads = Executors.newFixedThreadPool(2);
        var calls = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 400; i++) {
            boolean closer = i == 200;
            calls.add(
                    () -> {
                        if (closer) {
                            shared.close();
                            return true;
                        }
                        try {
                            return shared.encode("the cat", 8).length() == 4;
                        } catch (IllegalStateException closed) {
                            return closed.getMessage().contains("closed");
                        }
                    });
        }
        try {
            for (var result : threads.invokeAll(calls)) {
                assertTrue(result.get());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aFileThatIsNoTokenizerIsNamed() {
        var junk = new ByteArrayInputStream("{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
        var error =
                assertThrows(
                        IOException.class, () -> new TextTokenizer("some-tokenizer.json", junk));
        assertTrue(error.getMessage().contains("some-tokenizer.json"), error.getMessage());
    }
}
