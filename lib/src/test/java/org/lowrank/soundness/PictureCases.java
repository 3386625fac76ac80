package org.lowrank.soundness;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.engine.Precision;
import org.lowrank.model.ConfigKeys;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.ModelFamilies;
import org.lowrank.model.ModelFamily;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.head.ImageClassifier;
import org.lowrank.task.Losses;

/** Graphs of networks that read pictures. */
final class PictureCases {

    private static final String SIZES =
            """
            "image_size": 8, "patch_size": 4, "hidden_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 12, "num_labels": 3
            """;

    private static final String RESNET =
            "{\"model_type\": \"cifar_resnet\", \"blocks_per_stage\": 1, \"channels\": 4,"
                    + " \"num_labels\": 3}";

    private PictureCases() {}

    static Stream<GraphCase> all() {
        return Stream.of(
                whole("ViT", "{\"model_type\": \"vit\", %s}".formatted(SIZES), 8),
                whole(
                        "DINOv2, gated",
                        "{\"model_type\": \"dinov2\", \"use_swiglu_ffn\": true, %s}"
                                .formatted(SIZES.replace("\"intermediate_size\": 12,", "")),
                        8),
                whole("residual network", RESNET, 32),
                adapted("LoRA on convolutions, dropout", "lora"),
                adapted("DoRA on convolutions, dropout", "dora"));
    }

    private static GraphCase whole(String name, String config, int side) {
        return new GraphCase(
                name,
                manager -> {
                    var model = model(config, 0, manager);
                    model.train(true);
                    var leaves = new LinkedHashMap<>(model.parameters());
                    leaves.values().removeIf(array -> !array.hasGradient());
                    return new GraphCase.Graph(leaves, step -> loss(model, side, step));
                });
    }

    private static GraphCase adapted(String name, String kind) {
        var config =
                LoraConfig.ofRank(2)
                        .withLayer(kind)
                        .withLoraDropout(0.1)
                        .withTargetModules("conv1", "conv2");
        return new GraphCase(
                name,
                manager -> {
                    var model = model(RESNET, 0.1, manager);
                    Map<String, NDArray> leaves = new LinkedHashMap<>();
                    for (var pair : AdapterSet.inject(model, config, 3).pairs()) {
                        GraphCases.nudge(pair.loraB());
                        leaves.put(pair.path() + ".lora_A", pair.loraA());
                        leaves.put(pair.path() + ".lora_B", pair.loraB());
                    }
                    return new GraphCase.Graph(leaves, step -> loss(model, 32, step));
                });
    }

    private static ImageClassifier model(String config, double dropout, NDManager manager) {
        try {
            var json = new ObjectMapper().readTree(config);
            var file = Path.of("config.json");
            var options = new LoadOptions(Precision.float32, dropout);
            var model =
                    (ImageClassifier)
                            ModelFamilies.of(file, json)
                                    .build(
                                            new ModelFamily.Wanted(
                                                    ImageClassifier.class,
                                                    new ConfigKeys(file, json),
                                                    Set.of(),
                                                    options,
                                                    manager));
            RandomWeights.into(model.slots(), 1, model.manager());
            model.head().train(true);
            return model;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NDArray loss(ImageClassifier model, int side, NDManager step) {
        var random = new SplittableRandom(4);
        var values = new float[2 * 3 * side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        var pixels = step.create(values, new Shape(2, 3, side, side));
        return Losses.crossEntropy(step, model.forward(pixels, true), new int[] {0, 2}, 1);
    }
}
