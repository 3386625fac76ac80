package org.lowrank.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.model.block.Network;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.model.vision.Clip;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.weights.SafetensorsFile;
import org.lowrank.weights.TensorSource;
import org.lowrank.weights.WholeNumbers;

/** One folder of a model of pictures with the numbers that another implementation computed. */
final class GoldenPictures implements AutoCloseable {

    static final Set<String> TYPES = Set.of("vit", "dinov2", "clip");

    private static final String PREFIX = "grad.base_model.model.";
    private static final String BASE = "float32_against_float64";
    private static final String ADAPTED = "float32_against_float64_adapter";

    private final Path folder;
    private final JsonNode expected;
    private final TensorSource numbers;
    private final PretrainedModel opened;
    private final NDManager manager = NDManager.newBaseManager();
    private final Network network;

    GoldenPictures(Path folder) throws IOException {
        this.folder = folder;
        expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        numbers = SafetensorsFile.open(folder.resolve("inputs_expected.safetensors"));
        opened = PretrainedModel.open(folder);
        network =
                isClip(folder)
                        ? opened.load(Clip.class, LoadOptions.PLAIN, manager)
                        : opened.load(ImageClassifier.class, LoadOptions.PLAIN, manager);
    }

    private static boolean isClip(Path folder) throws IOException {
        return GoldenFolder.typeOf(folder).equals("clip");
    }

    /** What is checked, by name. */
    interface Check {
        void run(GoldenPictures folder) throws IOException;
    }

    static Map<String, Check> checks(Path folder) throws IOException {
        var checks = new LinkedHashMap<String, Check>();
        checks.put("outputs", golden -> golden.compare(golden.numbers, "out.", BASE));
        checks.put("gradients", GoldenPictures::baseGradients);
        checks.put("adapter", golden -> golden.adapter("adapter"));
        if (Files.exists(folder.resolve("adapter_v4"))) {
            checks.put("adapter of older names", golden -> golden.adapter("adapter_v4"));
        }
        checks.put("new head", GoldenPictures::newHead);
        return checks;
    }

    /** Everything that is computed without gradients, by the names of the folder. */
    private Map<String, NDArray> outputs(NDManager step, boolean training) throws IOException {
        var outputs = new LinkedHashMap<String, NDArray>();
        var pixels = pixels(step);
        if (network instanceof ImageClassifier classifier) {
            var labels =
                    Arrays.stream(WholeNumbers.of(numbers, "in.labels"))
                            .mapToInt(Math::toIntExact)
                            .toArray();
            var logits = classifier.forward(pixels, training);
            outputs.put("logits", logits);
            outputs.put("loss", Losses.crossEntropy(step, logits, labels, 1));
            return outputs;
        }
        var clip = (Clip) network;
        var texts = texts(step);
        var images = clip.ofImages(pixels, training);
        var written = clip.ofTexts(texts, training);
        var byImage = clip.logits(images, written);
        outputs.put("logits_per_image", byImage);
        outputs.put("logits_per_text", byImage.transpose());
        outputs.put("vision_pooled", images);
        outputs.put("text_pooled", written);
        outputs.put("loss", contrastive(step, byImage));
        if (!training) {
            outputs.put("vision_last_hidden", clip.vision().tokens(pixels, false));
            outputs.put("text_last_hidden", clip.hiddenOfTexts(texts, false));
        }
        return outputs;
    }

    /** Each picture with its text and each text with its picture, the mean of both. */
    private static NDArray contrastive(NDManager step, NDArray byImage) {
        var diagonal = IntStream.range(0, (int) byImage.getShape().get(0)).toArray();
        return Losses.crossEntropy(step, byImage, diagonal, 0.5)
                .add(Losses.crossEntropy(step, byImage.transpose(), diagonal, 0.5));
    }

    private NDArray pixels(NDManager step) throws IOException {
        var shape = new Shape(numbers.info("in.pixel_values").dimensions());
        return step.create(numbers.floats("in.pixel_values"), shape);
    }

    private TokenBatch texts(NDManager step) throws IOException {
        var shape = new Shape(numbers.info("in.input_ids").dimensions());
        return new TokenBatch(
                step.create(WholeNumbers.of(numbers, "in.input_ids"), shape),
                step.create(WholeNumbers.of(numbers, "in.attention_mask"), shape)
                        .toType(DataType.FLOAT32, true));
    }

    private void compare(TensorSource golden, String prefix, String tolerances) throws IOException {
        int compared = 0;
        try (var step = manager.newSubManager()) {
            for (var output : outputs(step, false).entrySet()) {
                var name = prefix + output.getKey();
                if (golden.names().contains(name)) {
                    double tolerance = tolerance(tolerances, name);
                    compare(name, golden.floats(name), output.getValue().toFloatArray(), tolerance);
                    compared++;
                }
            }
        }
        assertTrue(compared >= 2, "compared " + compared);
    }

    private double tolerance(String table, String name) {
        var value =
                table.equals("merged")
                        ? expected.at("/merged/tolerance")
                        : expected.path(table).path(name).path("tolerance");
        assertTrue(value.isNumber(), "no tolerance for " + name + " in " + table);
        return value.asDouble();
    }

    private void compare(String name, float[] wanted, float[] seen, double tolerance)
            throws IOException {
        assertEquals(wanted.length, seen.length, name);
        boolean texts = name.endsWith("text_last_hidden");
        var mask = texts ? WholeNumbers.of(numbers, "in.attention_mask") : null;
        for (int i = 0; i < wanted.length; i++) {
            if (!texts || mask[i / (wanted.length / mask.length)] == 1) {
                assertEquals(wanted[i], seen[i], tolerance, name + " at " + i);
            }
        }
    }

    private void backward() throws IOException {
        try (var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            collector.zeroGradients();
            collector.backward(outputs(step, true).get("loss"));
        }
    }

    private void compareGradient(String name, float[] wanted, NDArray leaf, double tolerance) {
        double largest = 0;
        for (float w : wanted) {
            largest = Math.max(largest, Math.abs(w));
        }
        try (var gradient = leaf.getGradient()) {
            var seen = gradient.toFloatArray();
            assertEquals(wanted.length, seen.length, name);
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], seen[i], tolerance * largest, name + " at " + i);
            }
        }
    }

    private void baseGradients() throws IOException {
        network.train(true);
        backward();
        int compared = 0;
        for (var name : numbers.names()) {
            if (name.startsWith("grad.")) {
                var parameter = opened.place(name.substring(5)).orElseThrow().parameter();
                compareGradient(
                        name,
                        numbers.floats(name),
                        network.parameters().get(parameter),
                        tolerance(BASE, "grad.*"));
                compared++;
            }
        }
        assertEquals(3, compared);
        network.train(false);
    }

    private void adapter(String name) throws IOException {
        try (var set = PeftAdapter.load(folder.resolve(name), network);
                var golden = SafetensorsFile.open(folder.resolve("adapter_expected.safetensors"))) {
            compare(golden, "out.", ADAPTED);
            set.modulesToSave().values().forEach(array -> array.setRequiresGradient(true));
            backward();
            int compared = 0;
            for (var key : golden.names()) {
                if (key.startsWith(PREFIX)) {
                    compareGradient(
                            key,
                            golden.floats(key),
                            leaf(key.substring(PREFIX.length()), set),
                            tolerance(ADAPTED, "grad.*"));
                    compared++;
                }
            }
            assertEquals(expected.at("/adapter/keys").asInt(), compared);
            set.merge();
            compare(golden, "merged.", "merged");
        }
    }

    private NDArray leaf(String key, AdapterSet set) {
        var parts = key.split("\\.lora_", 2);
        if (parts.length == 1) {
            return network.parameters().get(opened.place(key).orElseThrow().parameter());
        }
        var path = opened.place(parts[0] + ".weight").orElseThrow().parameter();
        var pair = set.adapters().get(path.replaceFirst("\\.weight$", "")).pair();
        return parts[1].startsWith("A") ? pair.loraA() : pair.loraB();
    }

    /** An encoder under a new head, and alone. */
    private void newHead() throws IOException {
        try (var step = manager.newSubManager();
                var fresh =
                        opened.classifier(
                                ImageClassifier.class, 7, LoadOptions.PLAIN, 5, manager)) {
            var pixels = pixels(step);
            assertEquals(7, fresh.forward(pixels, true).getShape().get(1));
            assertTrue(fresh.headParameters().values().stream().allMatch(NDArray::hasGradient));
            assertTrue(
                    fresh.linears().keySet().stream()
                            .noneMatch(path -> path.contains("classifier")));
        }
    }

    @Override
    public void close() throws IOException {
        opened.close();
        numbers.close();
        manager.close();
    }
}
