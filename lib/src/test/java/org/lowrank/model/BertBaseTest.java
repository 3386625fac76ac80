package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.TokenBatch;

/** BERT-base against numbers that another implementation computed from the same file, in numpy. */
class BertBaseTest {

    private static NDManager manager;
    private static PretrainedBert bert;
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void load() throws IOException {
        assumeTrue(
                PublishedModels.isHere("bert-base-uncased")
                        || "1".equals(System.getenv("LOWRANK_LARGE")),
                "bert-base-uncased (408 MB) is not on this machine; LOWRANK_LARGE=1 fetches it");
        manager = NDManager.newBaseManager();
        try (var opened = PretrainedModel.open("bert-base-uncased")) {
            bert = opened.load(PretrainedBert.class, LoadOptions.PLAIN, manager);
            tokenizer = opened.tokenizer();
        }
    }

    @AfterAll
    static void close() {
        if (manager != null) {
            tokenizer.close();
            manager.close();
        }
    }

    /** The most probable words for [MASK], most probable first. */
    private static Map<String, Double> guesses(String sentence, int count) {
        var tokens = tokenizer.encode(sentence, 64);
        int place = Arrays.stream(tokens.ids()).boxed().toList().indexOf(103);
        try (var step = manager.newSubManager()) {
            var hidden = bert.encoder().hidden(TokenBatch.of(List.of(tokens), step), false);
            var masked = hidden.get(new NDIndex(":, {}", place));
            var chances = bert.maskedLanguage().forward(masked, false).softmax(-1).toFloatArray();
            var best = new LinkedHashMap<String, Double>();
            IntStream.range(0, chances.length)
                    .boxed()
                    .sorted((a, b) -> Float.compare(chances[b], chances[a]))
                    .limit(count)
                    .forEach(id -> best.put(tokenizer.word(id), (double) chances[id]));
            return best;
        }
    }

    @Test
    void theCapitalOfFranceIsGuessedAsInTheReference() {
        var guesses = guesses("The capital of France is [MASK].", 5);
        assertEquals(
                List.of("paris", "lille", "lyon", "marseille", "tours"),
                List.copyOf(guesses.keySet()));
        assertArrayEquals(
                new double[] {0.4168, 0.0714, 0.0634, 0.0444, 0.0303},
                guesses.values().stream().mapToDouble(Double::doubleValue).toArray(),
                1e-3);
    }

    @Test
    void whatIsBakedIsGuessedAsInTheReference() {
        var guesses = guesses("She put the [MASK] in the oven to bake.", 3);
        assertEquals(List.of("eggs", "bread", "cookies"), List.copyOf(guesses.keySet()));
        assertArrayEquals(
                new double[] {0.1309, 0.1196, 0.1066},
                guesses.values().stream().mapToDouble(Double::doubleValue).toArray(),
                1e-3);
    }

    @Test
    void theFirstWordVectorAndTheNumberOfParametersAreThoseOfTheFile() {
        var words = bert.parameters().get("embeddings.word_embeddings.weight");
        try (var first = words.get(new NDIndex("0, :5"))) {
            assertArrayEquals(
                    new float[] {-.010182573f, -.06154883f, -.02649689f, -.0420608f, .00116716f},
                    first.toFloatArray(),
                    1e-8f);
        }
        long count = bert.parameters().values().stream().mapToLong(array -> array.size()).sum();
        assertEquals(110_104_890, count);
    }

    @Test
    void anAccentedWordIsReadAsItsPlainForm() {
        assertArrayEquals(tokenizer.encode("cafe", 8).ids(), tokenizer.encode("Café", 8).ids());
    }
}
