package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.kind.DoraAdapter;
import org.lowrank.engine.Arrays;

/** The graphs of every layer kind: safe from the garbage collector, and without a leak. */
class GraphSafetyTest {

    private NDManager manager;
    private TinyMlp model;

    @BeforeEach
    void setUp() {
        manager = NDManager.newBaseManager();
        model = new TinyMlp(manager, 2, 5, 7, 5, 1);
    }

    @AfterEach
    void tearDown() {
        manager.close();
    }

    static Stream<Named<LoraConfig>> kinds() {
        var lora = LoraConfig.ofRank(2).withLoraDropout(0.3);
        return Stream.of(
                Named.of("lora", lora),
                Named.of("dora", lora.withLayer("dora")),
                Named.of("dora without dropout", lora.withLayer("dora").withLoraDropout(0)),
                Named.of("adalora", lora.withLayer(AdaLora.to(1, 10).choice())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aCollectionBetweenForwardAndBackwardChangesNoGradient(LoraConfig config) {
        try (var set = AdapterSet.inject(model, config, 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.1f));
            var calm = gradients(set, false);
            for (int i = 0; i < 3; i++) {
                var collected = gradients(set, true);
                for (int j = 0; j < calm.size(); j++) {
                    assertArrayEquals(calm.get(j), collected.get(j));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aStepLeavesNoArrayBehind(LoraConfig config) {
        try (var set = AdapterSet.inject(model, config, 3)) {
            var owner = set.pairs().get(0).loraA().getManager();
            var weights = model.linears().get("block.0.first").manager();
            gradients(set, false);
            set.stepHook().ifPresent(hook -> hook.afterBackward(1));
            int adapters = owner.getManagedArrays().size();
            int base = weights.getManagedArrays().size();
            for (int i = 2; i < 5; i++) {
                int step = i;
                gradients(set, false);
                set.stepHook().ifPresent(hook -> hook.afterBackward(step));
                set.stepHook().ifPresent(hook -> hook.afterStep(step));
                set.zeroGradients();
                try (var scratch = manager.newSubManager()) {
                    set.adapters()
                            .forEach((p, a) -> a.deltaWeight(model.linears().get(p), scratch));
                }
            }
            assertEquals(adapters, owner.getManagedArrays().size());
            assertEquals(base, weights.getManagedArrays().size());
        }
    }

    private List<float[]> gradients(AdapterSet set, boolean collect) {
        set.zeroGradients();
        for (var adapter : set.adapters().values()) {
            adapter.extraParameters().values().forEach(Arrays::zeroGradient);
        }
        Engine.getInstance().setRandomSeed(11);
        try (var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            var x = step.ones(new Shape(6, 5));
            var loss = model.forward(x, true).square().sum();
            if (set.stepHook().isPresent()) {
                loss = loss.add(set.stepHook().get().penalty(step));
            }
            if (collect) {
                litter();
            }
            collector.backward(loss);
        }
        var gradients = new ArrayList<float[]>();
        try (var scratch = manager.newSubManager()) {
            for (var gradient : set.gradients(scratch)) {
                gradients.add(gradient.gradA().toFloatArray());
                gradients.add(gradient.gradB().toFloatArray());
            }
            for (var adapter : set.adapters().values()) {
                for (var extra : adapter.extraParameters().values()) {
                    try (var gradient = extra.getGradient()) {
                        gradients.add(gradient.toFloatArray());
                    }
                }
            }
        }
        return gradients;
    }

    /** Collects, and writes over what was freed. */
    private void litter() {
        System.gc();
        try (var scratch = manager.newSubManager()) {
            for (int i = 0; i < 200; i++) {
                scratch.create(new float[] {Float.NaN});
            }
        }
        System.gc();
    }

    @Test
    void theGradientOfDorasMagnitudeIsThatOfFiniteDifferences() {
        var weight = manager.randomNormal(0, 1, new Shape(6, 4), DataType.FLOAT64);
        var bias = manager.randomNormal(0, 1, new Shape(6), DataType.FLOAT64);
        var one = new OneLinear(manager, weight, bias);
        var x = manager.randomNormal(0, 1, new Shape(3, 4), DataType.FLOAT64);
        try (var set = AdapterSet.inject(one, LoraConfig.ofRank(2).withLayer("dora"), 3)) {
            set.stacks().forEach(s -> s.loraB().addi(0.3));
            var m = set.adapters().get("layer").extraParameters().get(DoraAdapter.MAGNITUDE);
            try (var step = manager.newSubManager();
                    var collector = Engine.getInstance().newGradientCollector()) {
                var input = x.duplicate();
                input.attach(step);
                collector.backward(one.layer().forward(input, true).square().sum());
            }
            var gradient = m.getGradient().toDoubleArray();
            double h = 1e-5;
            for (int i = 0; i < 6; i++) {
                double up = loss(one, x, m, i, h);
                double down = loss(one, x, m, i, -h);
                assertEquals(
                        (up - down) / (2 * h), gradient[i], 1e-7 * (1 + Math.abs(gradient[i])));
            }
        }
    }

    private static double loss(OneLinear one, NDArray x, NDArray m, int index, double by) {
        try (var view = m.stopGradient()) {
            var kept = view.getDouble(index);
            view.set(new NDIndex(index), kept + by);
            var loss = one.layer().forward(x, false).square().sum().getDouble();
            view.set(new NDIndex(index), kept);
            return loss;
        }
    }

    @Test
    void patternsGiveEachModuleItsRankAndScaling() {
        var config =
                LoraConfig.ofRank(2)
                        .withPatterns(
                                Map.of("block\\.0\\..*", 3, "second", 4), Map.of("second", 9.0));
        assertTrue(config.rank("block.0.first") == 3 && config.rank("block.1.first") == 2);
        try (var set = AdapterSet.inject(model, config, 3)) {
            var pair = set.adapters().get("block.1.second").pair();
            assertEquals(4, pair.rank());
            assertEquals(9 / 4.0, pair.scaling());
            assertEquals(2, set.adapters().get("block.1.first").pair().rank());
            assertEquals(4 / 3.0, set.adapters().get("block.0.first").pair().scaling());
        }
    }
}
