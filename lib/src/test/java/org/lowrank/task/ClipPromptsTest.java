package org.lowrank.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Tape;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.vision.Clip;
import org.lowrank.model.vision.PromptClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.ImageClassification.TextTower;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/** A set of pictures whose classes are sentences, from its folder to a step of LoRA. */
class ClipPromptsTest {

    private static final Path SHAPES = Path.of("../datasets/samples/images/shapes");
    private static final Path CLIP =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"), "clip");

    /** Words by number, so that a test knows the ids; the golden model ends a text with 95. */
    private static final String TOKENIZER =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [%s, %s], "normalizer": null,
             "pre_tokenizer": {"type": "Whitespace"}, "decoder": null,
             "post_processor": {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                         {"Sequence": {"id": "A", "type_id": 0}},
                         {"SpecialToken": {"id": "</s>", "type_id": 0}}],
              "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                       {"Sequence": {"id": "B", "type_id": 1}}],
              "special_tokens": {"<s>": {"id": "<s>", "ids": [94], "tokens": ["<s>"]},
                                 "</s>": {"id": "</s>", "ids": [95], "tokens": ["</s>"]}}},
             "model": {"type": "WordLevel", "unk_token": "?",
                       "vocab": {"?": 1, "a": 10, "photo": 11, "of": 12, "drawing": 13,
                                 "circle": 20, "square": 21, "triangle": 22,
                                 "<s>": 94, "</s>": 95}}}
            """
                    .formatted(special(94, "<s>"), special(95, "</s>"));

    private static final List<int[]> SENTENCES =
            List.of(
                    new int[] {94, 10, 11, 12, 10, 20, 95},
                    new int[] {94, 13, 12, 10, 20, 95},
                    new int[] {94, 10, 11, 12, 10, 21, 95},
                    new int[] {94, 13, 12, 10, 21, 95},
                    new int[] {94, 10, 11, 12, 10, 22, 95},
                    new int[] {94, 13, 12, 10, 22, 95});

    @TempDir private Path folder;

    private static String special(int id, String content) {
        return ("{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false,"
                        + " \"rstrip\": false, \"normalized\": false, \"special\": true}")
                .formatted(id, content);
    }

    private void writeModel() throws IOException {
        assumeTrue(Files.isDirectory(CLIP), CLIP + " is not there");
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(CLIP.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                """
                {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 12},
                 "crop_size": {"height": 12, "width": 12}}
                """);
    }

    private OpenImages open(TextTower tower, NDManager manager) throws IOException {
        writeModel();
        var options =
                Map.<String, Object>of(
                        "folder", SHAPES.toString(),
                        "prompts", "a photo of a {} | drawing of a {}",
                        "text_tower", tower.name());
        var config =
                Tasks.complete(new TaskConfig("images/folder", 0, 12, 0, 128, 1L, null, options));
        var context = new TaskContext(folder.toString(), LoadOptions.PLAIN, 8, 5, manager);
        return (OpenImages) Tasks.of(config).open(config, context);
    }

    @ParameterizedTest
    @EnumSource(TextTower.class)
    void aStepReachesTheTextTowerWhereItIsAdapted(TextTower tower) throws IOException {
        boolean adapted = tower == TextTower.ADAPTED;
        var lora = LoraConfig.ofRank(2).withTargetModules("q_proj", "v_proj");
        try (var manager = NDManager.newBaseManager();
                var task = open(tower, manager);
                var set = AdapterSet.inject(task.network(), lora, 1);
                var optimizer = Optimizers.create("adamw")) {
            // two layers of each tower, two maps of each
            assertEquals(adapted ? 8 : 4, set.pairs().size());
            assertEquals(adapted, set.pairs().stream().anyMatch(pair -> isOfText(pair.path())));
            try (var step = manager.newSubManager();
                    var tape = Tape.recording()) {
                tape.backward(task.loss(step, 1, 0, 1).loss());
            }
            for (var pair : set.pairs()) {
                assertTrue(pair.loraB().getGradient().norm().getFloat() > 0, pair.path());
            }
            for (var entry : task.network().parameters().entrySet()) {
                assertFalse(entry.getValue().hasGradient(), entry.getKey());
            }
            var trained = Trained.of(task.network(), set, optimizer, Map.of());
            var config = TrainingConfig.of(1, 1e-2);
            var result = new TrainingLoop(trained, task, Map::of, config, 1, List.of()).run();
            assertEquals(TrainingResult.Status.FINISHED, result.status());
            for (var pair : set.pairs()) {
                assertTrue(pair.loraB().norm().getFloat() > 0, pair.path() + " did not move");
            }
        }
    }

    private static boolean isOfText(String path) {
        return path.startsWith("text_");
    }

    /** Each sentence's vector at length 1, their mean at length 1, the cosine times e^scale. */
    @ParameterizedTest
    @EnumSource(TextTower.class)
    void aClassIsTheMeanOfItsSentences(TextTower tower) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var task = open(tower, manager);
                var opened = PretrainedModel.open(CLIP)) {
            var clip = opened.load(Clip.class, LoadOptions.PLAIN, manager);
            var classes = new NDList();
            for (int k = 0; k < 3; k++) {
                var mean =
                        unit(clip, SENTENCES.get(2 * k), manager)
                                .add(unit(clip, SENTENCES.get(2 * k + 1), manager))
                                .div(2);
                classes.add(mean.div(mean.norm()));
            }
            var x = pixels(manager);
            var picture = clip.ofImages(x, false);
            var length = picture.square().sum(new int[] {1}, true).sqrt();
            var scale = clip.parameters().get("logit_scale").exp();
            var byHand = picture.div(length).matMul(NDArrays.stack(classes).transpose()).mul(scale);
            var model = (PromptClassifier) task.network();
            assertArrayEquals(byHand.toFloatArray(), model.forward(x, false).toFloatArray(), 1e-4f);
        }
    }

    private static NDArray unit(Clip clip, int[] ids, NDManager manager) {
        var sentence = List.of(new Tokens(ids, new int[ids.length]));
        var vector = clip.ofTexts(TokenBatch.of(sentence, manager), false).flatten();
        return vector.div(vector.norm());
    }

    private static NDArray pixels(NDManager manager) {
        var random = new SplittableRandom(3);
        var values = new float[2 * 3 * 12 * 12];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, new Shape(2, 3, 12, 12));
    }
}
