package org.lowrank.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Problems;
import org.lowrank.engine.CancelledException;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.vision.CifarResNet;
import org.lowrank.model.vision.Clip;
import org.lowrank.model.vision.PromptClassifier;
import org.lowrank.text.Tokens;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** Pictures into classes, by a head and by sentences. */
class ImageClassificationTest {

    private static final Path SHAPES = Path.of("../datasets/samples/images/shapes");
    private static final Path CLIP =
            Path.of(System.getProperty("lowrank.golden.hf", "../../shared/golden/hf"), "clip");

    @TempDir private Path folder;

    private static TaskConfig config(Map<String, Object> options) {
        return new TaskConfig("images/folder", 0, 12, 0, 128, 1L, null, options);
    }

    /** A file of weights that nothing has been learned by. */
    private Path weights(NDManager manager) throws IOException {
        var file = folder.resolve("resnet.safetensors");
        try (var network = CifarResNet.random(1, 4, 3, manager)) {
            var arrays = new java.util.HashMap<String, TensorData>();
            network.parameters().forEach((name, array) -> arrays.put(name, TensorData.of(array)));
            var head = manager.zeros(new Shape(10, 16));
            arrays.put("linear.weight", TensorData.of(head));
            arrays.put("linear.bias", TensorData.of(manager.zeros(new Shape(10))));
            SafetensorsWriter.write(file, arrays);
        }
        return file;
    }

    @Test
    void sentencesAreMadeOfNamesAndDigitsButNotOfPlacesInAList() {
        ImageClassification.requireNames("SVHN", List.of("0", "1", "9"));
        ImageClassification.requireNames("CARS", List.of("Audi A5", "BMW X3 2012"));
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> ImageClassification.requireNames("CARS", List.of("1", "2", "196")));
        assertTrue(error.getMessage().contains("classes.txt"), error.getMessage());
    }

    @Test
    void aTaskOverAFolderOpensScoresAndIsTheSameTwice() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var file = weights(manager);
            var options = Map.<String, Object>of("folder", SHAPES.toString(), "augment", "MIRROR");
            var context = new TaskContext(file.toString(), LoadOptions.PLAIN, 8, 5, manager);
            var config = Tasks.complete(config(options));
            float first;
            try (var task = (OpenImages) Tasks.of(config).open(config, context);
                    var step = manager.newSubManager()) {
                assertEquals(5, task.batchesPerEpoch());
                var said = task.predict(Part.TEST);
                assertEquals(24, said.size());
                var scores = task.score(Part.TEST, said);
                assertTrue(scores.get("accuracy") <= 1);
                assertEquals(24, task.counts(said).values().stream().mapToLong(n -> n).sum());
                assertEquals(
                        List.of("linear.weight", "linear.bias"), List.copyOf(task.head().keySet()));
                first = task.loss(step, 1, 2, 1).loss().getFloat();
                assertTrue(Float.isFinite(first));
                assertTrue(task.facts().containsKey("shapes train"), task.facts().toString());
                Thread.currentThread().interrupt();
                assertThrows(CancelledException.class, () -> task.predict(Part.TEST));
            }
            try (var task = (OpenImages) Tasks.of(config).open(config, context);
                    var step = manager.newSubManager()) {
                assertEquals(first, task.loss(step, 1, 2, 1).loss().getFloat());
            }
        }
    }

    @Test
    void whatAPreTrainingMetIsNotTrained() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var file = weights(manager);
            var config = Tasks.complete(config(Map.of("folder", SHAPES.toString())));
            var context = new TaskContext(file.toString(), LoadOptions.PLAIN, 8, 5, manager);
            try (var task = (OpenImages) Tasks.of(config).open(config, context)) {
                task.network().train(true);
                var moved = new java.util.TreeSet<String>();
                task.network()
                        .parameters()
                        .forEach(
                                (name, array) -> {
                                    if (array.hasGradient()) {
                                        moved.add(name);
                                    }
                                });
                assertTrue(moved.containsAll(List.of("conv1.weight", "bn1.bias", "linear.bias")));
                assertTrue(moved.stream().noneMatch(name -> name.contains("running")));
            }
        }
    }

    /** Weights so large that the logits of the brightest features alone are beyond float32. */
    @Test
    void ofAPictureWhoseLossIsLostTheNameIsTold() throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            var file = weights(manager);
            var config = Tasks.complete(config(Map.of("folder", SHAPES.toString())));
            var context = new TaskContext(file.toString(), LoadOptions.PLAIN, 8, 5, manager);
            try (var task = (OpenImages) Tasks.of(config).open(config, context)) {
                var bias = task.network().parameters().get("linear.bias");
                var head = task.network().parameters().get("linear.weight");
                bias.set(new NDIndex(0), 3.3e38f);
                List<String> lost = List.of();
                for (float weight = 1e36f; lost.isEmpty() && weight < 3e38; weight *= 1.1f) {
                    head.set(new NDIndex(0), weight);
                    try (var step = manager.newSubManager()) {
                        lost = task.notFinite(step, 0, 0);
                    }
                }
                assertTrue(!lost.isEmpty() && lost.size() < 8, lost.toString());
                var names =
                        task.data().rows().train().examples().stream()
                                .map(example -> "the picture " + example.text())
                                .toList();
                assertTrue(names.containsAll(lost), lost.toString());
            }
        }
    }

    @Test
    void whatIsMissingIsTold() {
        var problems = new Problems("a task");
        var config = config(Map.of("prompts", "a photo | a {}"));
        Tasks.of(Tasks.complete(config)).check(config, problems);
        var told = problems.list().toString();
        assertTrue(told.contains("task.folder is missing"), told);
        assertTrue(told.contains("'a photo' without {}"), told);
    }

    @Test
    void sentencesStandForAHead() throws IOException {
        assumeTrue(Files.isDirectory(CLIP), CLIP + " is not there");
        var random = new SplittableRandom(3);
        var prompts =
                java.util.stream.Stream.generate(
                                () ->
                                        new int[] {
                                            94, 5 + random.nextInt(80), random.nextInt(80), 95
                                        })
                        .limit(6)
                        .map(ids -> new Tokens(ids, new int[4]))
                        .toList();
        var values = new float[2 * 3 * 12 * 12];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(CLIP)) {
            var x = manager.create(values, new Shape(2, 3, 12, 12));
            var frozen = classifier(opened, prompts, false, manager);
            var adapted = classifier(opened, prompts, true, manager);
            var logits = frozen.forward(x, false);
            assertEquals(new Shape(2, 3), logits.getShape());
            assertArrayEquals(
                    logits.toFloatArray(), adapted.forward(x, true).toFloatArray(), 1e-4f);
            assertArrayEquals(logits.toFloatArray(), frozen.forward(x, true).toFloatArray(), 1e-4f);
            assertTrue(frozen.linears().keySet().stream().noneMatch(p -> p.startsWith("text")));
            assertTrue(adapted.linears().containsKey("text_projection"));
            frozen.train(true);
            assertFalse(frozen.parameters().get("text_projection.weight").hasGradient());
            assertTrue(frozen.parameters().get("visual_projection.weight").hasGradient());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PromptClassifier(null, prompts, 4, false));
        }
    }

    private static PromptClassifier classifier(
            PretrainedModel opened, List<Tokens> prompts, boolean adaptsText, NDManager manager)
            throws IOException {
        var clip = opened.load(Clip.class, LoadOptions.PLAIN, manager);
        return new PromptClassifier(clip, prompts, 3, adaptsText);
    }
}
