package org.lowrank.soundness;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.model.Bert;
import org.lowrank.model.BertConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedBert;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.head.Pooling;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.task.Losses;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;

/** Every block, adapter and loss of the library, one line each. Add a line for a new one. */
final class GraphCases {

    private static final BertConfig TINY = new BertConfig(40, 8, 2, 8, 16, 2, 2, 0);
    private static final LoraConfig LORA = LoraConfig.ofRank(2);
    private static final List<Tokens> BATCH =
            List.of(
                    new Tokens(new int[] {1, 5, 2}, new int[] {0, 0, 0}),
                    new Tokens(new int[] {1, 7, 2, 9, 2}, new int[] {0, 0, 0, 1, 1}),
                    new Tokens(new int[] {1, 30, 31, 2}, new int[] {0, 0, 0, 0}));

    private GraphCases() {}

    static Stream<GraphCase> all() {
        return Stream.of(encoders(), DecoderCases.all(), PictureCases.all())
                .flatMap(cases -> cases);
    }

    private static Stream<GraphCase> encoders() {
        return Stream.of(
                full("full fine-tuning, mean pooling", TINY, Pooling.MEAN),
                full("full fine-tuning, [CLS]", TINY, Pooling.CLS),
                full("full fine-tuning, dropout", TINY.withDropout(0.1), Pooling.MEAN),
                new GraphCase("pooler and masked-language head", GraphCases::pretrained),
                adapted("LoRA", LORA),
                adapted("LoRA, dropout", LORA.withLoraDropout(0.1)),
                adapted("rsLoRA", LORA.withRslora(true)),
                adapted("DoRA", LORA.withLayer("dora")),
                adapted("DoRA, dropout", LORA.withLayer("dora").withLoraDropout(0.1)),
                adapted("AdaLoRA", LORA.withLayer(AdaLora.to(1, 100).choice())),
                onMatrix(
                        "unit vectors",
                        3,
                        (step, x) -> Pooling.normalized(x).square().square().sum()),
                onMatrix("cross-entropy", 3, GraphCases::crossEntropy),
                onMatrix("mean squared error", 1, GraphCases::squaredError));
    }

    private static NDArray crossEntropy(NDManager step, NDArray logits) {
        return Losses.crossEntropy(step, logits, new int[] {0, 2, 1}, 0.5);
    }

    private static NDArray squaredError(NDManager step, NDArray output) {
        return Losses.meanSquaredError(step, output, new float[] {1, 2, 3}, 0.5);
    }

    private static GraphCase full(String name, BertConfig config, Pooling pooling) {
        return new GraphCase(
                name,
                manager -> {
                    var model = classifier(config, pooling, manager);
                    model.encoder().train(true);
                    var leaves = new LinkedHashMap<>(model.parameters());
                    // The softmax does not see a shift of all scores of a row.
                    leaves.keySet().removeIf(path -> path.endsWith("key.bias"));
                    return new GraphCase.Graph(leaves, step -> loss(model, step));
                });
    }

    private static GraphCase adapted(String name, LoraConfig config) {
        return new GraphCase(
                name, manager -> adapted(classifier(TINY, Pooling.MEAN, manager), config, BATCH));
    }

    private static GraphCase.Graph pretrained(NDManager manager) {
        var bert = PretrainedBert.random(TINY, 1, manager);
        bert.train(true);
        var leaves = new LinkedHashMap<>(bert.parameters());
        leaves.keySet().removeIf(path -> path.endsWith("key.bias"));
        return new GraphCase.Graph(
                leaves,
                step -> {
                    var hidden = bert.encoder().hidden(TokenBatch.of(BATCH, step), true);
                    var first = hidden.get(new NDIndex(":, 0"));
                    var words = bert.maskedLanguage().forward(first, true);
                    var loss = Losses.crossEntropy(step, words, new int[] {4, 5, 6}, 1);
                    return loss.add(bert.pooler().forward(first, true).square().sum());
                });
    }

    /** The real encoder, LoRA on all of its linear maps. */
    static GraphCase realEncoder(String name) {
        return new GraphCase(
                name + ", LoRA on every linear map",
                manager -> {
                    try (var opened = PretrainedModel.open(name)) {
                        var model = opened.classifier(2, LoadOptions.PLAIN, 3, manager);
                        return adapted(model, LoraConfig.ofRank(8), BATCH);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static GraphCase.Graph adapted(
            SentenceClassifier model, LoraConfig config, List<Tokens> batch) {
        var adapters = AdapterSet.inject(model, config, 3);
        var leaves = new LinkedHashMap<String, NDArray>(model.headParameters());
        adapters.adapters()
                .forEach(
                        (path, adapter) -> {
                            nudge(adapter.pair().loraB());
                            leaves.put(path + ".lora_A", adapter.pair().loraA());
                            leaves.put(path + ".lora_B", adapter.pair().loraB());
                            adapter.extraParameters()
                                    .forEach(
                                            (extra, array) -> {
                                                nudge(array);
                                                leaves.put(path + "." + extra, array);
                                            });
                        });
        return new GraphCase.Graph(
                leaves,
                step -> {
                    var loss = loss(model, step);
                    var hook = adapters.stepHook();
                    return hook.isEmpty() ? loss : loss.add(hook.get().penalty(step));
                });
    }

    /** Away from zero, where a product with it has no gradient. */
    static void nudge(NDArray leaf) {
        try (var view = leaf.stopGradient();
                var ramp = view.getManager().arange(1f, 1f + view.size());
                var small = ramp.reshape(view.getShape()).mul(0.01f)) {
            view.addi(small);
        }
    }

    private static SentenceClassifier classifier(
            BertConfig config, Pooling pooling, NDManager manager) {
        return SentenceClassifier.on(
                Bert.random(config, 1, manager), pooling, 3, config.dropout(), 2);
    }

    private static NDArray loss(SentenceClassifier model, NDManager step) {
        var logits = model.forward(TokenBatch.of(BATCH, step), true);
        return Losses.crossEntropy(step, logits, new int[] {0, 1, 1}, 1);
    }

    /** A function of a matrix of three rows. */
    private static GraphCase onMatrix(
            String name, int columns, BiFunction<NDManager, NDArray, NDArray> loss) {
        return new GraphCase(
                name,
                manager -> {
                    var x = manager.zeros(new Shape(3, columns), DataType.FLOAT32);
                    nudge(x);
                    x.setRequiresGradient(true);
                    return new GraphCase.Graph(
                            Map.of("x", x),
                            step -> {
                                var local = x.mul(manager.ones(new Shape()));
                                local.attach(step);
                                return loss.apply(step, local);
                            });
                });
    }
}
