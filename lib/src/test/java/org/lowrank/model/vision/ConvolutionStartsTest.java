package org.lowrank.model.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.model.vision.TinyResNet.pixels;
import static org.lowrank.model.vision.TinyResNet.tiny;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.BaseGradients;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.task.Losses;

/** Starts of adapters on convolutions. */
class ConvolutionStartsTest {

    @ParameterizedTest
    @ValueSource(strings = {"kaiming", "orthogonal", "pissa", "spectral", "lora_ga"})
    void everyStartKeepsTheOutput(String start) {
        var config =
                LoraConfig.ofRank(2)
                        .withInitialization(start)
                        .withRslora(start.equals("lora_ga"))
                        .withTargetModules("layer1.0.conv2");
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager)) {
            var x = pixels(manager, 1);
            var before = model.forward(x, false).toFloatArray();
            try (var run = new StartContext(1, 0, batches -> gradients(model, batches));
                    var set = AdapterSet.inject(model, config, run)) {
                assertEquals(1, set.pairs().size());
                assertArrayEquals(before, model.forward(x, false).toFloatArray(), 1e-4f);
            }
            assertArrayEquals(before, model.forward(x, false).toFloatArray());
        }
    }

    private static BaseGradients gradients(ImageClassifier model, int batches) {
        return BaseGradients.estimate(
                model,
                batches,
                (step, batch) -> {
                    var logits = model.forward(pixels(step, 2), true);
                    return Losses.crossEntropy(step, logits, new int[] {1, 4}, 1);
                });
    }

    /** A and B of LoRA-GA are singular vectors of the gradient of the flattened weight. */
    @Test
    void loraGaTakesTheGradientOfAConvolutionAsAMatrix() {
        var path = "layer1.0.conv2";
        var config =
                LoraConfig.ofRank(2)
                        .withInitialization("lora_ga")
                        .withRslora(true)
                        .withTargetModules(path);
        try (var manager = NDManager.newBaseManager();
                var model = tiny(manager);
                var gradients = gradients(model, 1);
                var run = new StartContext(1, 0, batches -> gradients(model, batches));
                var set = AdapterSet.inject(model, config, run)) {
            var g = gradients.at(path);
            assertEquals(new Shape(4, 36), g.getShape());
            var a = set.pairs().get(0).loraA();
            var b = set.pairs().get(0).loraB();
            var ofA = g.matMul(a.transpose());
            var ofB = b.transpose().matMul(g);
            double larger = ofA.norm().getFloat();
            double smaller = ofB.norm().getFloat();
            assertTrue(larger > smaller && smaller > 0, larger + " and " + smaller);
            // G has four singular vectors: A takes the first two, B the others
            double length = a.norm().getFloat() / Math.sqrt(2);
            assertEquals(g.norm().getFloat() * length, Math.hypot(larger, smaller), 1e-4 * larger);
            double overlap = b.transpose().matMul(ofA).abs().max().getFloat();
            assertEquals(0, overlap / (length * larger), 1e-4);
        }
    }
}
