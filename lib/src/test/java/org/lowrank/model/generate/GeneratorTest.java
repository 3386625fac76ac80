package org.lowrank.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.model.generate.GoldenDecoder.ints;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.CausalModel;
import org.lowrank.text.TextTokenizer;

/** Texts of tiny models: how they are chosen, how they end, and what is seen meanwhile. */
class GeneratorTest {

    private static final List<int[]> PROMPTS =
            List.of(
                    new int[] {7, 21, 40, 11},
                    new int[] {50, 9},
                    new int[] {12, 88, 30, 31, 5, 66});

    private NDManager manager;
    private Path folder;
    private CausalModel model;

    @BeforeEach
    void open() throws IOException {
        folder = GoldenFiles.golden("hf").resolve("llama2");
        manager = NDManager.newBaseManager();
        model = GoldenDecoder.open(folder, 2048, manager);
    }

    @AfterEach
    void close() {
        if (manager != null) { // without the golden models nothing was opened
            manager.close();
        }
    }

    private static TextTokenizer tokenizer() throws IOException {
        return TextTokenizer.ofFolder(GoldenFiles.golden("hf").resolve("tokenizers/bpe_gpt2"));
    }

    private List<List<Integer>> ids(List<int[]> prompts, Generation how) {
        return new Generator(model, Set.of())
                .write(prompts, how).texts().stream().map(Written.Text::ids).toList();
    }

    @Test
    void drawsAreTheSameForTheSameSeedAloneAndInABatch() {
        var how =
                Generation.greedy(20).withTemperature(1.2).withTopK(30).withTopP(0.95).withSeed(3);
        var together = ids(PROMPTS, how);
        assertEquals(together, ids(PROMPTS, how));
        for (int i = 0; i < PROMPTS.size(); i++) {
            assertEquals(List.of(together.get(i)), ids(List.of(PROMPTS.get(i)), how));
        }
        assertNotEquals(together, ids(PROMPTS, how.withSeed(4)));
        var again = ids(List.of(PROMPTS.get(0), PROMPTS.get(0)), how);
        assertEquals(together.get(0), again.get(0));
        assertNotEquals(again.get(0), again.get(1), "equal prompts are drawn apart");
        assertEquals(ids(PROMPTS, Generation.greedy(20)), ids(PROMPTS, how.withTopK(1)));
    }

    @Test
    void anAdapterThatIsBeingTrainedWritesInAnyThread() throws Exception {
        var base = ids(PROMPTS, Generation.greedy(5));
        try (var adapters = AdapterSet.inject(model, LoraConfig.ofRank(2), 1)) {
            adapters.requireGradients(true, true);
            var written = CompletableFuture.supplyAsync(() -> ids(PROMPTS, Generation.greedy(5)));
            assertEquals(base, written.get());
        }
    }

    @Test
    void manyTextsAreWrittenAsEachAlone() {
        var prompts =
                IntStream.range(0, 70).mapToObj(i -> IntStream.rangeClosed(5, 6 + i % 9).toArray());
        var many = prompts.toList();
        var all = ids(many, Generation.greedy(5));
        for (int i : new int[] {0, 8, 33, 69}) {
            assertEquals(all.get(i), ids(List.of(many.get(i)), Generation.greedy(5)).get(0));
        }
    }

    @Test
    void everyIdOfTheListThatIsInForceStops(@TempDir Path temporary) throws IOException {
        var cases = GoldenFiles.path("cases/21-eos-list");
        var expected = new ObjectMapper().readTree(cases.resolve("expected.json").toFile());
        var prompt = ints(expected.get("prompt_ids"));
        for (var one : expected.get("cases").properties()) {
            var files = Files.createDirectory(temporary.resolve(one.getKey()));
            for (var from :
                    List.of(
                            GoldenFiles.golden("hf").resolve("tokenizers/bpe_gpt2"),
                            cases.resolve(one.getKey()))) {
                try (var list = Files.list(from)) {
                    for (var file : list.filter(Files::isRegularFile).toList()) {
                        Files.copy(file, files.resolve(file.getFileName()));
                    }
                }
            }
            try (var tokenizer = TextTokenizer.ofFolder(files)) {
                var writer = new Generator(model, tokenizer);
                var seen = writer.write(List.of(prompt), Generation.greedy(14)).texts().get(0);
                var wanted = IntStream.of(ints(one.getValue().get("new_ids"))).boxed().toList();
                assertEquals(wanted, seen.ids(), one.getKey());
                assertEquals(Written.Ending.STOP_ID, seen.ending());
                var words = wanted.subList(0, wanted.size() - 1);
                assertEquals(
                        tokenizer.decodeText(words.stream().mapToInt(i -> i).toArray()),
                        seen.text());
            }
        }
    }

    @Test
    void piecesTogetherAreTheTextAndAStopTextOverSeveralIdsEndsIt() throws IOException {
        try (var tokenizer = tokenizer()) {
            var writer = new Generator(model, tokenizer);
            var how = Generation.greedy(30);
            var free = writer.write(PROMPTS, how).texts();
            var row = free.get(0);
            var stop = row.text().substring(4, 7);
            var shown = List.of(new StringBuilder(), new StringBuilder(), new StringBuilder());
            var stopping = how.withStopTexts(stop);
            var seen = writer.write(PROMPTS, stopping, (i, piece) -> shown.get(i).append(piece));
            var text = seen.texts().get(0);
            assertEquals(row.text().substring(0, row.text().indexOf(stop)), text.text());
            assertEquals(Written.Ending.STOP_TEXT, text.ending());
            assertEquals(row.ids().subList(0, text.ids().size()), text.ids());
            assertTrue(text.ids().size() < 30);
            for (int i = 0; i < 3; i++) {
                assertEquals(seen.strings().get(i), shown.get(i).toString());
            }
            var beam = writer.write(PROMPTS, stopping.withNumBeams(2)).texts();
            assertTrue(beam.stream().noneMatch(one -> one.text().contains(stop)));
            assertEquals(
                    seen.texts().get(0).text(),
                    writer.write(List.of(PROMPTS.get(0)), stopping).strings().get(0));
        }
    }

    @Test
    void anInterruptKeepsWhatThereIs() throws IOException {
        try (var tokenizer = tokenizer()) {
            var writer = new Generator(model, tokenizer);
            var how = Generation.greedy(1000);
            var shown = new StringBuilder();
            var seen =
                    writer.write(
                            List.of(PROMPTS.get(0)),
                            how,
                            (i, piece) -> {
                                shown.append(piece);
                                if (shown.length() > 20) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            assertTrue(Thread.interrupted(), "the caller sees it too");
            assertEquals(Written.Ending.INTERRUPTED, seen.texts().get(0).ending());
            assertEquals(seen.strings().get(0), shown.toString());
            assertTrue(shown.length() > 20 && shown.length() < 60, shown.toString());
            assertTrue(seen.tokens() > 0 && seen.tokensPerSecond() > 0, seen.toString());
            Thread.currentThread().interrupt();
            var none = writer.write(PROMPTS, how.withNumBeams(3));
            assertTrue(Thread.interrupted());
            assertEquals(0, none.tokens());
        }
    }

    @Test
    void noArrayIsLeftWhileAThousandTokensAreWritten() throws IOException {
        var during = new TreeSet<Integer>();
        try (var tokenizer = tokenizer()) {
            var writer = new Generator(model, tokenizer);
            writer.write(PROMPTS, Generation.greedy(1));
            int before = manager.getManagedArrays().size();
            var seen =
                    writer.write(
                            List.of(new int[] {8}),
                            Generation.greedy(1000),
                            (i, piece) -> during.add(manager.getManagedArrays().size()));
            assertEquals(1000, seen.tokens());
            assertEquals(1, during.size(), "arrays while it writes: " + during);
            for (var how :
                    List.of(
                            Generation.greedy(30).withTemperature(1),
                            Generation.greedy(30).withNumBeams(3))) {
                writer.write(PROMPTS, how);
                assertEquals(before, manager.getManagedArrays().size());
            }
        }
    }

    @Test
    void theContextEndsATextAndAPromptBeyondItIsRefused() throws IOException {
        model = GoldenDecoder.open(folder, 16, manager);
        var writer = new Generator(model, Set.of());
        for (int beams : new int[] {1, 2}) {
            var how = Generation.greedy(12).withNumBeams(beams);
            var seen = writer.write(PROMPTS, how).texts();
            assertEquals(12, seen.get(0).ids().size());
            assertEquals(Written.Ending.MAX_NEW_TOKENS, seen.get(0).ending());
            assertEquals(10, seen.get(2).ids().size());
            assertEquals(Written.Ending.CONTEXT, seen.get(2).ending());
        }
        var prompts = List.of(PROMPTS.get(0), new int[16]);
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> writer.write(prompts, Generation.greedy(1)));
        for (var word : List.of("prompt 2 of 2", "16 tokens", "at most 16")) {
            assertTrue(error.getMessage().contains(word), error.getMessage());
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        var how = Generation.greedy(5);
        refused("temperature must be 0 or more", () -> how.withTemperature(-1));
        refused("temperature must be", () -> how.withTemperature(Double.NaN));
        refused("top_p must be in (0, 1]", () -> how.withTopP(0));
        refused("num_beams must be 1 or more", () -> how.withNumBeams(0));
        refused("max_new_tokens must be 1 or more", () -> Generation.greedy(0));
        refused("draws nothing", () -> how.withTemperature(1).withNumBeams(2));
        refused("stop text", () -> how.withStopTexts(""));
        refused("tokenizer", () -> ids(PROMPTS, how.withStopTexts("x")));
        refused("at least one token", () -> ids(List.of(new int[0]), how));
    }

    @Test
    void aModelThatHasDivergedWritesNothing() {
        try (var nan =
                manager.full(model.parameters().get("model.norm.weight").getShape(), Float.NaN)) {
            model.parameters().get("model.norm.weight").muli(nan);
        }
        for (var how :
                List.of(
                        Generation.greedy(3),
                        Generation.greedy(3).withTemperature(1),
                        Generation.greedy(3).withNumBeams(2))) {
            assertThrows(DivergedException.class, () -> ids(PROMPTS, how));
        }
    }

    private static void refused(String word, Runnable call) {
        var error = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(error.getMessage().contains(word), error.getMessage());
    }
}
