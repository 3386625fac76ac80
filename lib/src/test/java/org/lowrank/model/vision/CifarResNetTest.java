package org.lowrank.model.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lowrank.model.vision.TinyResNet.CONVOLUTIONS;
import static org.lowrank.model.vision.TinyResNet.fillB;
import static org.lowrank.model.vision.TinyResNet.pixels;
import static org.lowrank.model.vision.TinyResNet.tiny;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.bench.PythonPeer;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.image.Cifar10;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.data.image.PreparedPictures;
import org.lowrank.data.source.DataRoot;
import org.lowrank.diagnostics.WeightGradient;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.PublishedModels;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.rule.Factors;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.XChoice;
import org.lowrank.task.Losses;
import org.lowrank.weights.SafetensorsWriter;
import org.lowrank.weights.TensorData;

/** A network of convolutions, and adapters on them. */
class CifarResNetTest {

    @TempDir private Path folder;

    private static LoraConfig of(String kind) {
        return kind.equals("adalora")
                ? CONVOLUTIONS.withLayer(AdaLora.to(2, 10).choice())
                : CONVOLUTIONS.withLayer(kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "adalora"})
    void anAdaptedConvolutionIsTheConvolutionOfItsMergedWeight(String kind) {
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager);
                var set = AdapterSet.inject(model, of(kind), 1)) {
            fillB(set, 2);
            set.adapters()
                    .values()
                    .forEach(
                            adapter ->
                                    adapter.extraParameters()
                                            .values()
                                            .forEach(extra -> extra.addi(0.3)));
            var x = pixels(manager, 2);
            var apart = model.forward(x, false).toFloatArray();
            set.merge();
            assertArrayEquals(apart, model.forward(x, false).toFloatArray(), 2e-4f);
            set.unmerge();
            assertArrayEquals(apart, model.forward(x, false).toFloatArray());
        }
    }

    /** gᴬ = s BᵀG and gᴮ = s G Aᵀ with G of the flattened weight: the rules of the papers apply. */
    @Test
    void gradientsOfTheFactorsFollowFromThatOfTheWeight() {
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager)) {
            var observed = new HashMap<String, NDArray>();
            try (var set = AdapterSet.inject(model, CONVOLUTIONS, 1)) {
                fillB(set, 2);
                set.adapters()
                        .keySet()
                        .forEach(
                                path ->
                                        observed.put(
                                                path, model.linears().get(path).observeWeight()));
                try (var step = manager.newSubManager();
                        var collector = Engine.getInstance().newGradientCollector()) {
                    var logits = model.forward(pixels(step, 2), true);
                    collector.backward(Losses.crossEntropy(step, logits, new int[] {1, 4}, 1));
                }
                for (var pair : set.pairs()) {
                    var g = observed.get(pair.path()).getGradient();
                    var ofA = pair.loraB().transpose().matMul(g).mul(pair.scaling());
                    var ofB = g.matMul(pair.loraA().transpose()).mul(pair.scaling());
                    var asItLies =
                            g.reshape(
                                    model.linears()
                                            .get(pair.path())
                                            .weightShape(g.getShape().get(0)));
                    try (var flat = new WeightGradient(pair, g);
                            var four = new WeightGradient(pair, asItLies)) {
                        assertEquals(gap(flat), gap(four));
                        assertTrue(gap(flat) > 0 && gap(flat) < 1, "gap " + gap(flat));
                    }
                    close(pair.path() + " A", ofA, pair.loraA().getGradient());
                    close(pair.path() + " B", ofB, pair.loraB().getGradient());
                }
                model.linears().values().forEach(layer -> layer.endObservation());
            }
        }
    }

    /** How far LoRA-Pro's equivalent gradient is from the full one. */
    private static double gap(WeightGradient gradient) {
        return gradient.gap(new LoraPro(XChoice.ZERO, 0), Factors.BOTH).distance();
    }

    private static void close(String what, NDArray wanted, NDArray seen) {
        double largest = wanted.abs().max().getFloat();
        assertTrue(largest > 1e-6, what + " is zero");
        var a = wanted.toFloatArray();
        var b = seen.toFloatArray();
        for (int i = 0; i < a.length; i++) {
            assertEquals(a[i], b[i], 1e-5 * largest, what + " at " + i);
        }
    }

    @Test
    void expertsAreRefusedOnConvolutions() {
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager)) {
            var experts = CONVOLUTIONS.withLayer("experts");
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> AdapterSet.inject(model, experts, 1));
            assertTrue(error.getMessage().contains("conv1 is a convolution"), error.getMessage());
        }
    }

    @Test
    void allLinearMapsAreNoConvolutions() {
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager)) {
            var all = LoraConfig.ofRank(2);
            var error =
                    assertThrows(
                            IllegalArgumentException.class, () -> AdapterSet.inject(model, all, 1));
            assertTrue(error.getMessage().contains("conv1"), error.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora"})
    void adaptersGoToPeftAndBack(String kind) throws IOException {
        assumeTrue(PythonPeer.python().isPresent(), PythonPeer.VARIABLE + " is not set");
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager)) {
            var x = pixels(manager, 2);
            SafetensorsWriter.write(
                    folder.resolve("inputs.safetensors"), Map.of("pixels", TensorData.of(x)));
            var weights = new HashMap<String, TensorData>();
            model.parameters().forEach((name, array) -> weights.put(name, TensorData.of(array)));
            SafetensorsWriter.write(folder.resolve("weights.safetensors"), weights);
            float[] ours;
            try (var set = AdapterSet.inject(model, CONVOLUTIONS.withLayer(kind), 1)) {
                fillB(set, 2);
                ours = model.forward(x, false).toFloatArray();
                PeftAdapter.save(folder.resolve("ours"), set);
            }
            JsonNode answer;
            try (var peer = PythonPeer.start("convolutions.py", 1, folder.toString(), kind)) {
                answer = peer.answer();
            }
            same(answer.get("ours"), ours);
            try (var set = PeftAdapter.load(folder.resolve("theirs"), model)) {
                assertEquals(7, set.pairs().size());
                same(answer.get("theirs"), model.forward(x, false).toFloatArray());
            }
        }
    }

    private static void same(JsonNode wanted, float[] seen) {
        assertEquals(wanted.size(), seen.length);
        for (int i = 0; i < seen.length; i++) {
            assertEquals(wanted.get(i).asDouble(), seen[i], 1e-4, "logit " + i);
        }
    }

    @Test
    void aPretrainedNetworkSeesWhatItSawInPyTorch() throws IOException {
        assertAccuracy("resnet20-cifar10", 0.8135);
    }

    @Test
    @Tag("soak")
    void soDoesADeepOne() throws IOException {
        assertAccuracy("resnet56-cifar10", 0.8315);
    }

    /** On 2,000 test pictures that went through JPEG, which costs ten points. */
    private static void assertAccuracy(String name, double inPyTorch) throws IOException {
        var root = DataRoot.ofThisMachine();
        assumeTrue(PublishedModels.isHere(name), name + " is not in " + root.folder());
        assumeTrue(root.contains(Cifar10.TAR), Cifar10.TAR + " is not in " + root.folder());
        var data = Cifar10.load(root, HoldOut.STANDARD);
        var test = data.rows().test();
        var pictures = new PreparedPictures(test, data.pictures(), ImageProcessor.RESNET);
        int right = 0;
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(name)) {
            var model = opened.load(ImageClassifier.class, LoadOptions.PLAIN, manager);
            assertEquals(List.of(), opened.unused(model));
            assertSame(ImageProcessor.RESNET, opened.imageProcessor());
            for (int from = 0; from < test.size(); from += 100) {
                var rows = IntStream.range(from, from + 100).toArray();
                try (var step = manager.newSubManager()) {
                    var x = step.create(pictures.values(rows), new Shape(100, 3, 32, 32));
                    var said = model.forward(x, false).argMax(1).toLongArray();
                    for (int i = 0; i < rows.length; i++) {
                        right += said[i] == test.labels()[rows[i]] ? 1 : 0;
                    }
                }
            }
        }
        assertEquals(inPyTorch, right / 2000.0, 0.0051, "accuracy");
    }
}
