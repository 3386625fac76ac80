package org.lowrank.task.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.LabelPrompt;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.WordMetric;
import org.lowrank.data.score.WordScores;
import org.lowrank.data.source.DataRoot;
import org.lowrank.engine.CancelledException;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.block.Autoregressive;
import org.lowrank.model.block.CausalModel;
import org.lowrank.model.block.EncoderDecoder;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.model.head.TokenLoss;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.task.Part;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.task.TinyLlama;
import org.lowrank.task.TinyT5;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

class TextToTextTest {

    private static final LabelPrompt PROMPT =
            new LabelPrompt("say of the text: {first}\nresult: ", List.of("a thing", "the rest"));

    @TempDir private Path folder;

    private static TextToText task() {
        var rows = new ArrayList<LabelledText>();
        for (int i = 0; i < 60; i++) {
            boolean thing = i % 3 == 0;
            var words = (thing ? "the tree " : "you and I ") + "abcdefgh".charAt(i % 8) + " " + i;
            rows.add(LabelledText.of(words, thing ? 0 : 1, ""));
        }
        var data =
                new TaskData(
                        "trees",
                        split("train", rows.subList(0, 36)),
                        split("validation", rows.subList(36, 48)),
                        split("test", rows.subList(48, 60)),
                        new Provenance("made up", "", "", Map.of()));
        return new TextToText(config -> data, PROMPT);
    }

    private static LabelledTexts split(String name, List<LabelledText> rows) {
        return new LabelledTexts(name, rows, List.of("thing", "other"));
    }

    private OpenTextToText open(String kind, NDManager manager) throws IOException {
        var model = folder.resolve(kind);
        if (kind.equals("t5")) {
            TinyT5.write(model);
        } else {
            TinyLlama.write(model);
        }
        var config = new TaskConfig("tests/text", null, 10, null, 64, null);
        var context = new TaskContext(model.toString(), LoadOptions.PLAIN, 8, 5, manager);
        return task().open(config, context);
    }

    private static void train(OpenTextToText open, int steps) throws IOException {
        open.network().train(true);
        var parameters = open.network().parameters();
        var all = new Trained(open.network(), null, null, parameters, new ParameterAdamW(0));
        var config = TrainingConfig.of(steps, 3e-3);
        new TrainingLoop(all, open.objective(), Map::of, config, 5, List.of()).run();
        open.network().train(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"t5", "llama"})
    void wordsAreReadAsOnePassOverEachOfThemReadsThem(String kind) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var open = open(kind, manager)) {
            train(open, 6);
            Thread.currentThread().interrupt();
            assertThrows(CancelledException.class, () -> open.predict(Part.VALIDATION));
            var said = open.predict(Part.VALIDATION);
            var model = (Autoregressive) open.network();
            for (int row = 0; row < said.size(); row++) {
                for (int c = 0; c < 2; c++) {
                    var choice = open.choices(Part.VALIDATION).get(row);
                    try (var step = manager.newSubManager()) {
                        var each = each(model, choice.prompt(), choice.words().get(c), step);
                        double sum = 0;
                        for (float loss : each) {
                            sum -= loss;
                        }
                        assertEquals(sum, said.get(row).words()[c], 1e-4, "row " + row);
                        assertEquals(-each[0], said.get(row).firsts()[c], 1e-5);
                        assertEquals(each.length, said.get(row).tokens()[c]);
                    }
                }
            }
        }
    }

    /** −log p of the tokens of a word, in one pass over prompt and word. */
    private static float[] each(Autoregressive model, int[] prompt, int[] word, NDManager step) {
        var labels = step.create(Arrays.stream(word).asLongStream().toArray());
        if (model instanceof EncoderDecoder t5) {
            var written = new int[word.length];
            written[0] = t5.startId();
            System.arraycopy(word, 0, written, 1, word.length - 1);
            var hidden = t5.hidden(one(prompt, step), one(written, step), false);
            return TokenLoss.each(t5.logits(hidden), labels).toFloatArray();
        }
        var whole = IntStream.concat(Arrays.stream(prompt), Arrays.stream(word)).toArray();
        int from = prompt.length - 1;
        var places = step.create(LongStream.range(from, from + word.length).toArray());
        var logits = ((CausalModel) model).logits(one(whole, step), places, false);
        return TokenLoss.each(logits, labels).toFloatArray();
    }

    private static TokenBatch one(int[] ids, NDManager step) {
        return TokenBatch.of(List.of(new Tokens(ids, new int[ids.length])), step);
    }

    @ParameterizedTest
    @ValueSource(strings = {"t5", "llama"})
    void itLearnsToWriteTheWordsAndWritesWhatItIsSaidToWrite(String kind) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var open = open(kind, manager)) {
            var before = open.score(Part.TEST, open.trivial(Part.TEST));
            assertEquals(2 / 3.0, before.get(TextToText.MAJORITY), 1e-12);
            train(open, 120);
            var said = open.predict(Part.TEST);
            var after = open.score(Part.TEST, said);
            assertTrue(after.get("answer_nll") < 0.2 * before.get("answer_nll"), after.toString());
            assertTrue(after.get("exact_match") > 0.9, after.toString());
            assertTrue(after.get("soft") >= after.get("exact_match"), after.toString());
            assertEquals(0, before.get("exact_match"), "nothing is written before");
            var model = (Autoregressive) open.network();
            var prompts = open.choices(Part.TEST).stream().map(WordReader.Choice::prompt).toList();
            var texts =
                    new Generator(model, open.tokenizer())
                            .write(prompts, Generation.greedy(12))
                            .strings();
            for (int i = 0; i < texts.size(); i++) {
                int written = said.get(i).written();
                boolean isWord = PROMPT.words().contains(texts.get(i).strip());
                assertEquals(isWord, written != WordScores.OTHER, texts.get(i));
                if (isWord) {
                    assertEquals(PROMPT.words().get(written), texts.get(i).strip());
                }
            }
        }
    }

    /** The road of the papers' table at the size of a test. */
    @Test
    void anEpochOverSentencesOfColaLowersTheLossOfLoraOnT5() throws IOException {
        assumeTrue(DataRoot.ofThisMachine().contains("glue/CoLA/train.tsv"), "CoLA is not here");
        TinyT5.write(folder.resolve("t5"));
        var config = new TaskConfig("glue_text/cola", 3200, 100, 100, 128, null);
        try (var manager = NDManager.newBaseManager()) {
            var model = folder.resolve("t5").toString();
            var context =
                    new TaskContext(model, LoadOptions.PLAIN.withDropout(0.1), 32, 5, manager);
            try (var open = Tasks.of(config).open(config, context);
                    var set = AdapterSet.inject(open.network(), LoraConfig.ofRank(8), 3)) {
                var losses = new ArrayList<Double>();
                var training = TrainingConfig.of(0, 3e-3).withEpochs(1);
                var all = Trained.of(open.network(), set, Optimizers.create("adamw"), Map.of());
                TrainingListener noting =
                        new TrainingListener() {
                            @Override
                            public void afterStep(StepReport report) {
                                losses.add(report.loss());
                            }
                        };
                new TrainingLoop(all, open.objective(), Map::of, training, 5, List.of(noting))
                        .run();
                assertEquals(100, losses.size());
                double first = mean(losses.subList(0, 20));
                double last = mean(losses.subList(losses.size() - 20, losses.size()));
                assertTrue(last < 0.5 * first, first + " to " + last);
            }
        }
    }

    private static double mean(List<Double> losses) {
        return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    @Test
    void theLearnedTokensAreThoseOfTheWordAlone() throws IOException {
        try (var manager = NDManager.newBaseManager();
                var t5 = open("t5", manager);
                var llama = open("llama", manager)) {
            assertTrue(t5.example().endsWith("result: </s>⟦a thing</s>⟧"), t5.example());
            assertTrue(llama.example().contains("result:⟦ a thing<"), llama.example());
            assertEquals(List.of("a thing", "the rest"), t5.facts().get("words"));
            assertEquals("SEQ_2_SEQ_LM", t5.peftType().orElseThrow());
            assertEquals("CAUSAL_LM", llama.peftType().orElseThrow());
            var counts = t5.counts(t5.predict(Part.VALIDATION));
            assertEquals(10, counts.get("(writes another text)"), "before it has learned");
            assertEquals(10, counts.get("a thing") + counts.get("the rest"));
        }
    }

    @Test
    void wordsThatBeginAlikeHaveNoSoftMetric() throws IOException {
        var alike = new LabelPrompt("text: {first}", List.of("the tree", "the thing"));
        TinyT5.write(folder.resolve("t5"));
        var config = new TaskConfig("tests/text", null, 10, null, 64, null);
        try (var manager = NDManager.newBaseManager()) {
            var context =
                    new TaskContext(
                            folder.resolve("t5").toString(), LoadOptions.PLAIN, 8, 5, manager);
            try (var open = new TextToText(task().source(), alike).open(config, context)) {
                var scores = open.score(Part.TEST, open.predict(Part.TEST));
                assertTrue(!scores.containsKey("soft") && scores.containsKey("likelihood"));
            }
            var pairs = new LabelPrompt("{first} and {second}", List.of("yes", "no"));
            var refused =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> new TextToText(task().source(), pairs).open(config, context));
            assertTrue(refused.getMessage().contains("rows of one text"), refused.getMessage());
        }
    }

    @Test
    void oneModelIsReadInThreeWays() {
        var told =
                new WordScores(new double[] {-3, -2}, new int[] {2, 3}, new double[] {-1, -2}, 0);
        assertEquals(0, WordMetric.EXACT_MATCH.said(told));
        assertEquals(1, WordMetric.LIKELIHOOD.said(told));
        assertEquals(0, WordMetric.SOFT.said(told));
        var tied =
                new WordScores(new double[] {-2, -2}, new int[] {1, 1}, new double[] {-1, -1}, -1);
        for (var metric : WordMetric.values()) {
            assertEquals(WordScores.OTHER, metric.said(tied));
            assertEquals(0.5, metric.of(List.of(told, tied), List.of(metric.said(told), 0)));
        }
    }
}
