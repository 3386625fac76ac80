package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/** Through DJL's own training loop: Trainer, ArrayDataset, EasyTrain.fit. */
class DjlPairOptimizerTest {

    private static final int STEPS = 6;
    private static final float RATE = 0.02f;

    private NDManager manager;
    private NDArray x;
    private NDArray y;

    @BeforeEach
    void data() {
        Engine.getInstance().setRandomSeed(7);
        manager = NDManager.newBaseManager();
        x = manager.randomNormal(new Shape(32, 6));
        y = manager.randomNormal(new Shape(32, 8));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Mean of squares without a Java number in the graph. */
    private static final class MeanSquare extends Loss {

        MeanSquare() {
            super("meanSquare");
        }

        @Override
        public NDArray evaluate(NDList labels, NDList predictions) {
            return predictions.singletonOrThrow().sub(labels.singletonOrThrow()).square().mean();
        }
    }

    private static SequentialBlock network() {
        return new SequentialBlock()
                .add(new LoraLinearBlock(6, 8, 2))
                .add(Activation::relu)
                .add(new LoraLinearBlock(8, 8, 2))
                .add(Activation::relu)
                .add(new LoraLinearBlock(8, 8, 2));
    }

    private static DjlPairOptimizer door(SequentialBlock block, String method) {
        return DjlPairOptimizer.of(
                ParameterPair.of(block, LoraLinearBlock.SCALING),
                OptimizerRegistry.create(method),
                Tracker.fixed(RATE),
                AdamWSettings.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_pro", "altlora", "adamw", "lora_rite_in_altlora", "lora_fa"})
    void djlsLoopMovesPairsAndOtherParametersAsOurOptimizersDo(String method)
            throws IOException, TranslateException {
        var block = network();
        Map<String, float[]> start;
        try (var model = Model.newInstance("door");
                var optimizer = door(block, method)) {
            model.setBlock(block);
            try (var trainer = trainer(model, optimizer)) {
                start = values(block);
                var losses = new ArrayList<Float>();
                for (int i = 0; i < STEPS; i++) {
                    losses.add(loss(block));
                    EasyTrain.fit(trainer, 1, dataset(), null);
                }
                assertTrue(loss(block) < losses.get(0), losses + ", " + loss(block));
            }
            var expected = byHand(block, start, method);
            for (var name : start.keySet()) {
                var parameter = block.getParameters().get(name);
                var actual = parameter.getArray().toFloatArray();
                assertArrayEquals(expected.get(name), actual, 1e-5f, name);
                if (name.endsWith("weight")) {
                    assertArrayEquals(start.get(name), actual, name);
                }
            }
        }
    }

    private Trainer trainer(Model model, Optimizer optimizer) {
        var config = new DefaultTrainingConfig(new MeanSquare()).optOptimizer(optimizer);
        var trainer = model.newTrainer(config);
        trainer.initialize(new Shape(32, 6));
        return trainer;
    }

    private ArrayDataset dataset() {
        return new ArrayDataset.Builder().setData(x).optLabels(y).setSampling(32, false).build();
    }

    private float loss(SequentialBlock block) {
        try (var scratch = manager.newSubManager()) {
            x.tempAttach(scratch);
            var prediction =
                    block.forward(new ParameterStore(scratch, false), new NDList(x), false);
            return new MeanSquare().evaluate(new NDList(y), prediction).getFloat();
        }
    }

    private static Map<String, float[]> values(SequentialBlock block) {
        var values = new LinkedHashMap<String, float[]>();
        for (var entry : block.getParameters()) {
            values.put(entry.getKey(), entry.getValue().getArray().toFloatArray());
        }
        return values;
    }

    /** The same steps with the stacks, the gradients and the two optimizers in our own hands. */
    private Map<String, float[]> byHand(
            SequentialBlock block, Map<String, float[]> start, String method) {
        var leaves = new LinkedHashMap<String, NDArray>();
        start.forEach(
                (name, values) -> {
                    var shape = block.getParameters().get(name).getShape();
                    var leaf = manager.create(values, shape).duplicate();
                    leaf.setRequiresGradient(!name.endsWith("weight"));
                    leaves.put(name, leaf);
                });
        try (var pairs = OptimizerRegistry.create(method);
                var others = new ParameterAdamW(AdamWSettings.DEFAULT)) {
            for (int i = 0; i < STEPS; i++) {
                backward(leaves);
                stepByHand(leaves, pairs, others);
            }
        }
        var values = new HashMap<String, float[]>();
        leaves.forEach((name, leaf) -> values.put(name, leaf.toFloatArray()));
        return values;
    }

    private void backward(Map<String, NDArray> leaves) {
        leaves.values().stream()
                .filter(NDArray::hasGradient)
                .forEach(org.lowrank.adapter.AdapterSet::zeroGradient);
        var scaling = manager.full(new Shape(), (float) LoraLinearBlock.SCALING);
        try (var collector = Engine.getInstance().newGradientCollector()) {
            var h = x;
            for (var layer : List.of("01", "03", "05")) {
                var low =
                        h.matMul(leaf(leaves, layer, "lora_A").transpose())
                                .matMul(leaf(leaves, layer, "lora_B").transpose());
                h =
                        h.matMul(leaf(leaves, layer, "weight").transpose())
                                .add(low.mul(scaling))
                                .add(leaf(leaves, layer, "bias"));
                h = layer.equals("05") ? h : Activation.relu(h);
            }
            collector.backward(h.sub(y).square().mean());
        }
    }

    private static NDArray leaf(Map<String, NDArray> leaves, String layer, String name) {
        return leaves.get(layer + "LoraLinearBlock_" + name);
    }

    private static void stepByHand(
            Map<String, NDArray> leaves, PairOptimizer pairs, ParameterAdamW others) {
        var stacks = new ArrayList<PairStack>();
        var raw = new ArrayList<PairGradient>();
        for (var layers : List.of(List.of("01"), List.of("03", "05"))) {
            stacks.add(
                    new PairStack(
                            layers,
                            stack(leaves, layers, "lora_A", false),
                            stack(leaves, layers, "lora_B", false),
                            LoraLinearBlock.SCALING));
            raw.add(
                    new PairGradient(
                            stack(leaves, layers, "lora_A", true),
                            stack(leaves, layers, "lora_B", true)));
        }
        pairs.step(stacks, raw, RATE);
        for (var stack : stacks) {
            for (int i = 0; i < stack.size(); i++) {
                var layer = stack.paths().get(i);
                DjlPairOptimizerTest.write(leaf(leaves, layer, "lora_A"), stack.loraA().get(i));
                DjlPairOptimizerTest.write(leaf(leaves, layer, "lora_B"), stack.loraB().get(i));
            }
        }
        var parameters = new LinkedHashMap<String, NDArray>();
        var gradients = new LinkedHashMap<String, NDArray>();
        leaves.forEach(
                (name, leaf) -> {
                    if (name.endsWith("bias")) {
                        parameters.put(name, leaf);
                        gradients.put(name, leaf.getGradient());
                    }
                });
        others.step(parameters, gradients, RATE);
    }

    private static void write(NDArray leaf, NDArray values) {
        Batched.assign(leaf.stopGradient(), values);
    }

    private static NDArray stack(
            Map<String, NDArray> leaves, List<String> layers, String name, boolean gradient) {
        var list = new NDList();
        for (var layer : layers) {
            var leaf = leaf(leaves, layer, name);
            list.add(gradient ? leaf.getGradient() : leaf.stopGradient());
        }
        return NDArrays.stack(list);
    }

    @Test
    void aPairThatIsLeftOutOfAStepIsNamed() {
        var block = network();
        block.initialize(manager, ai.djl.ndarray.types.DataType.FLOAT32, new Shape(32, 6));
        try (var optimizer = door(block, "adamw")) {
            var parameter = block.getParameters().get("01LoraLinearBlock_lora_A");
            var gradient = parameter.getArray().onesLike();
            optimizer.update(parameter.getId(), parameter.getArray(), gradient);
            var error =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    optimizer.update(
                                            parameter.getId(), parameter.getArray(), gradient));
            assertTrue(error.getMessage().contains("03LoraLinearBlock.lora_B"), error.getMessage());
        }
    }

    @Test
    void aStepLeavesNoMoreArraysBehindThanDjlsOwnAdam() throws IOException, TranslateException {
        // DJL's parameter server itself leaves the gradient of every parameter behind.
        assertEquals(
                arraysOfThreeSteps(b -> Optimizer.adam().build()),
                arraysOfThreeSteps(b -> door(b, "lora_pro")));
    }

    private int arraysOfThreeSteps(Function<SequentialBlock, Optimizer> optimizer)
            throws IOException, TranslateException {
        var block = network();
        try (var model = Model.newInstance("door")) {
            model.setBlock(block);
            try (var trainer = trainer(model, optimizer.apply(block))) {
                EasyTrain.fit(trainer, 2, dataset(), null);
                int arrays = systemArrays();
                EasyTrain.fit(trainer, 3, dataset(), null);
                return systemArrays() - arrays;
            }
        }
    }

    private int systemArrays() {
        return ((BaseNDManager) manager.getParentManager()).getManagedArrays().size();
    }

    @Test
    void blocksWithoutPairsAndPairsWithoutPartnersAreRefused() {
        var plain = new SequentialBlock().add(ai.djl.nn.core.Linear.builder().setUnits(2).build());
        var none = assertThrows(IllegalArgumentException.class, () -> ParameterPair.of(plain, 1));
        assertTrue(none.getMessage().contains("lora_A"), none.getMessage());
        var parameter = Parameter.builder().setName("p").setType(Parameter.Type.OTHER).build();
        var twice = new ParameterPair("one", parameter, parameter, 1);
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        DjlPairOptimizer.of(
                                List.of(twice),
                                OptimizerRegistry.create("adamw"),
                                Tracker.fixed(RATE),
                                AdamWSettings.DEFAULT));
    }
}
