package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.Provenance;
import org.lowrank.data.TaskData;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.PublishedModels;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.task.TextClassification;
import org.lowrank.task.TextShape;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/**
 * MiniLM trained over batches of changing length, twice from one seed: bit-equal factors, no value
 * that is not finite, a flat number of native arrays. The engine corrupts gradients at random when
 * a graph is built wrongly, so the long form runs for thousands of steps: {@code mvn -pl lib test
 * -Dtest=EncoderSoakTest -Dgroups=soak -DexcludedGroups=}.
 */
class EncoderSoakTest {

    private static final String ENCODER = "all-MiniLM-L6-v2";

    /**
     * Sentences of 1 to {@code longest} made words: what is learned does not matter, that it is
     * repeatable does.
     */
    private static TaskData sentences(int rows, int longest) {
        var random = new SplittableRandom(3);
        var names = List.of("short", "long");
        var splits = new ArrayList<LabelledTexts>();
        for (var split : List.of("train", "validation", "test")) {
            var examples = new ArrayList<LabelledText>();
            for (int i = 0; i < rows; i++) {
                int words = random.nextInt(1, longest);
                var text = new StringBuilder("word" + i + split);
                for (int w = 1; w < words; w++) {
                    text.append(' ').append(Integer.toString(random.nextInt(40_000), 36));
                }
                examples.add(LabelledText.of(text.toString(), words < longest / 2 ? 0 : 1, "made"));
            }
            splits.add(new LabelledTexts(split, examples, names));
        }
        return new TaskData(
                "lengths",
                splits.get(0),
                splits.get(1),
                splits.get(2),
                new Provenance("made sentences", "", "", Map.of()));
    }

    /** How much is done. */
    private record Form(int steps, int batchSize, int rows, int longest) {
        static final Form SHORT = new Form(12, 4, 48, 24);
        static final Form LONG = new Form(2000, 8, 400, 40);
    }

    private record Ended(
            Map<String, float[]> factors, TrainingResult result, List<Integer> arrays) {}

    private static TextEncoder encoder(PretrainedModel opened, NDManager manager)
            throws IOException {
        return opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
    }

    private static Ended train(Form form) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(ENCODER);
                var tokenizer = opened.tokenizer();
                var model =
                        SentenceClassifier.on(
                                encoder(opened, manager), opened.pooling(), 2, 0.1, 1);
                var set = AdapterSet.inject(model, LoraConfig.ofRank(8).withLoraDropout(0.1), 1);
                var optimizer = Optimizers.create("lora_pro")) {
            var data = sentences(form.rows(), form.longest());
            var shape = new TextShape(form.batchSize(), 64);
            var task = TextClassification.on(model, tokenizer, data, shape, 1);
            var arrays = new ArrayList<Integer>();
            var counter =
                    new TrainingListener() {
                        @Override
                        public void afterStep(StepReport report) {
                            if (report.step() % Math.max(1, form.steps() / 10) == 0) {
                                arrays.add(manager.getManagedArrays().size());
                            }
                        }
                    };
            var trained =
                    new Trained(
                            model, set, optimizer, model.headParameters(), new ParameterAdamW(0));
            var result =
                    new TrainingLoop(
                                    trained,
                                    task,
                                    task.on(data.validation()),
                                    TrainingConfig.of(form.steps(), 5e-4),
                                    1,
                                    List.of(counter))
                            .run();
            var factors = new HashMap<String, float[]>();
            for (var pair : set.pairs()) {
                factors.put(pair.path() + ".A", pair.loraA().toFloatArray());
                factors.put(pair.path() + ".B", pair.loraB().toFloatArray());
            }
            return new Ended(factors, result, arrays);
        }
    }

    private static void twiceBitEqual(Form form) throws IOException {
        assumeTrue(
                PublishedModels.isHere(ENCODER), "all-MiniLM-L6-v2 is not in the local repository");
        var first = train(form);
        var second = train(form);
        assertEquals(TrainingResult.Status.FINISHED, first.result().status());
        assertEquals(Optional.of(form.steps()), Optional.of(first.result().steps().size()));
        for (int i = 0; i < form.steps(); i++) {
            var step = first.result().steps().get(i);
            assertTrue(Double.isFinite(step.loss()) && Double.isFinite(step.gradientNorm()));
            assertEquals(step.loss(), second.result().steps().get(i).loss(), "loss of " + step);
        }
        first.factors()
                .forEach(
                        (name, values) ->
                                assertArrayEquals(values, second.factors().get(name), name));
        assertEquals(1, first.arrays().stream().distinct().count(), first.arrays().toString());
    }

    @Test
    void twelveStepsOfTheEncoderAreRepeatableToTheBit() throws IOException {
        twiceBitEqual(Form.SHORT);
    }

    @Test
    @Tag("soak")
    void twoThousandStepsOfTheEncoderAreRepeatableToTheBit() throws IOException {
        twiceBitEqual(Form.LONG);
    }
}
