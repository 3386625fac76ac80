package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.config.Choice;
import org.lowrank.engine.Arrays;
import org.lowrank.engine.Checksums;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;

/**
 * Every layer kind against {@code golden/layers/layer_kinds.json}: 60-digit arithmetic, gradients
 * by differences; {@code layer_kinds.py} beside it made the numbers.
 */
class LayerKindsTest {

    private static final JsonNode GOLDEN = GoldenFiles.resource("layers/layer_kinds.json");
    private static final double TOLERANCE = 1e-11;

    static Stream<Named<JsonNode>> cases() {
        return StreamSupport.stream(GOLDEN.get("cases").spliterator(), false)
                .map(
                        c ->
                                Named.of(
                                        c.get("kind").asText()
                                                + " r="
                                                + c.get("rank")
                                                + " "
                                                + c.get("W").size()
                                                + "x"
                                                + c.get("W").get(0).size()
                                                + (c.get("bias").isEmpty() ? "" : " bias"),
                                        c));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void outputGradientAndOneStepAreTheNumbersWorkedOutByHand(JsonNode golden) {
        try (var manager = NDManager.newBaseManager()) {
            var bias = golden.get("bias").isEmpty() ? null : array(manager, golden.get("bias"));
            var model = new OneLinear(manager, array(manager, golden.get("W")), bias);
            try (var set = AdapterSet.inject(model, config(golden), 1)) {
                assertEquals(golden.get("s").asDouble(), set.pairs().get(0).scaling(), 1e-15);
                setParameters(set, golden.get("parameters"), manager);
                checkForwardAndGradient(golden, manager, model, set);
                step(set, manager);
                var after = golden.get("after_adamw");
                parameters(set)
                        .forEach((name, p) -> assertClose(after.get(name), p, "after " + name));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theDeltaOfTheWeightGivesTheSameOutput(JsonNode golden) {
        try (var manager = NDManager.newBaseManager()) {
            var weight = array(manager, golden.get("W"));
            var model = new OneLinear(manager, weight, null);
            try (var set = AdapterSet.inject(model, config(golden), 1)) {
                setParameters(set, golden.get("parameters"), manager);
                var delta =
                        set.adapters()
                                .get("layer")
                                .deltaWeight(model.layer(), manager.newSubManager());
                var y = array(manager, golden.get("x")).matMul(weight.add(delta).transpose());
                if (!golden.get("bias").isEmpty()) {
                    y = y.add(array(manager, golden.get("bias")));
                }
                assertClose(golden.get("y"), y, "y");
            }
        }
    }

    /** Three rows of four numbers, rank 2. */
    @Test
    void whatAKindTrainsBesideItsPairsIsWhatItSays() {
        var rank2 = LoraConfig.ofRank(2);
        var numbers =
                Map.of(
                        rank2,
                        0L,
                        rank2.withLayer("dora"),
                        3L,
                        rank2.withLayer(AdaLora.to(1, 10).choice()),
                        2L,
                        rank2.withLayer("experts"),
                        4 * 4L);
        numbers.forEach(
                (config, beside) -> {
                    assertEquals(beside, config.kind().trainedBeside(3, 4, 2), config.layer());
                    try (var manager = NDManager.newBaseManager()) {
                        var model = new OneLinear(manager, manager.ones(new Shape(3, 4)), null);
                        try (var set = AdapterSet.inject(model, config, 1)) {
                            long trained =
                                    set.adapters().get("layer").extraParameters().values().stream()
                                            .mapToLong(NDArray::size)
                                            .sum();
                            assertEquals(beside, trained, config.layer());
                        }
                    }
                });
    }

    @Test
    void aZeroRowUnderDoraComputesWhatTheBaseDoes() {
        try (var manager = NDManager.newBaseManager()) {
            var values = new float[] {1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8};
            var weight = Arrays.nativeCopy(manager, values, new Shape(3, 4));
            var model = new OneLinear(manager, weight, null);
            var x = manager.ones(new Shape(1, 4));
            var config = LoraConfig.ofRank(2).withLayer("dora");
            try (var set = AdapterSet.inject(model, config, 1)) {
                var leaf = set.adapters().get("layer").extraParameters().values().iterator().next();
                try (var collector = Engine.getInstance().newGradientCollector()) {
                    var y = model.layer().forward(x, true);
                    assertArrayEquals(new float[] {10, 0, 26}, y.toFloatArray(), 1e-5f);
                    collector.backward(y.sum());
                }
                for (float g : leaf.getGradient().toFloatArray()) {
                    assertTrue(Float.isFinite(g));
                }
                assertTrue(set.merge().largest() < 1e-5);
                assertArrayEquals(values, model.layer().weight().stored().toFloatArray(), 1e-5f);
                set.unmerge();
            }
        }
    }

    @Test
    void aMergeThatWouldNotBeFiniteChangesNothing() {
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 1, 3, 4, 2, 1)) {
            var before = Checksums.of(model.parameters());
            try (var set = AdapterSet.inject(model, LoraConfig.ofRank(2), 1)) {
                var b = set.adapters().get("block.0.second").pair().loraB();
                b.stopGradient().addi(Float.NaN);
                var refusal = assertThrows(IllegalStateException.class, set::merge);
                assertTrue(refusal.getMessage().contains("block.0.second"), refusal.getMessage());
                assertEquals(before, Checksums.of(model.parameters()));
                assertFalse(model.linears().values().stream().anyMatch(l -> l.adapter() == null));
            }
        }
    }

    @Test
    void aPatternThatMeetsNothingIsRefused() {
        try (var manager = NDManager.newBaseManager();
                var model = new TinyMlp(manager, 2, 3, 4, 3, 1)) {
            var lora = LoraConfig.ofRank(2);
            var anchored = Map.of("^block.0.first", 3);
            try (var set = AdapterSet.inject(model, lora.withPatterns(anchored, Map.of()), 1)) {
                assertEquals(3, set.adapters().get("block.0.first").pair().rank());
                assertEquals(2, set.adapters().get("block.1.first").pair().rank());
            }
            for (var dead : List.of("query", "^first", "irst")) {
                var config = lora.withPatterns(Map.of(), Map.of(dead, 9.0));
                var refusal =
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> AdapterSet.inject(model, config, 1));
                assertTrue(
                        refusal.getMessage()
                                .startsWith("alpha_pattern '" + dead + "' matches none"),
                        refusal.getMessage());
                assertTrue(refusal.getMessage().endsWith("end in first, second"));
            }
        }
    }

    private static LoraConfig config(JsonNode golden) {
        var kind =
                switch (golden.get("kind").asText()) {
                    case "dora" -> new Choice("dora", Map.of());
                    case "adalora" -> AdaLora.to(1, 10).choice();
                    default -> new Choice("lora", Map.of());
                };
        return LoraConfig.ofRank(golden.get("rank").asInt())
                .withLoraAlpha(golden.get("alpha").asDouble())
                .withRslora(golden.get("kind").asText().equals("rslora"))
                .withLayer(kind);
    }

    private static void checkForwardAndGradient(
            JsonNode golden, NDManager manager, OneLinear model, AdapterSet set) {
        try (var step = manager.newSubManager();
                var collector = Engine.getInstance().newGradientCollector()) {
            var y = model.layer().forward(array(step, golden.get("x")), true);
            assertClose(golden.get("y"), y, "y");
            var half = step.full(new Shape(), 0.5f, y.getDataType());
            var loss = y.sub(array(step, golden.get("target"))).square().sum().mul(half);
            assertEquals(golden.get("loss").asDouble(), loss.getDouble(), TOLERANCE);
            collector.backward(loss);
        }
        var expected = golden.get("gradient");
        parameters(set)
                .forEach((name, p) -> assertClose(expected.get(name), p.getGradient(), "d" + name));
    }

    private static void step(AdapterSet set, NDManager manager) {
        var settings = GOLDEN.get("adamw");
        double rate = settings.get("learning_rate").asDouble();
        double decay = settings.get("weight_decay").asDouble();
        var raw = set.gradients(manager);
        try (var optimizer = Optimizers.create("adamw", Map.of("weightDecay", decay))) {
            optimizer.step(set.stacks(), raw, rate);
        }
        var extras = set.adapters().get("layer").extraParameters();
        if (!extras.isEmpty()) {
            var gradients = new LinkedHashMap<String, NDArray>();
            extras.forEach((name, p) -> gradients.put(name, p.getGradient()));
            try (var optimizer = new ParameterAdamW(decay)) {
                optimizer.step(extras, gradients, rate);
            }
        }
    }

    /** Everything that is trained, by PEFT's names. */
    private static Map<String, NDArray> parameters(AdapterSet set) {
        var adapter = set.adapters().get("layer");
        var all = new LinkedHashMap<String, NDArray>(adapter.extraParameters());
        all.put("lora_A", adapter.pair().loraA());
        all.put("lora_B", adapter.pair().loraB());
        return all;
    }

    private static void setParameters(AdapterSet set, JsonNode values, NDManager manager) {
        parameters(set)
                .forEach(
                        (name, p) ->
                                p.stopGradient()
                                        .set(
                                                new NDIndex("..."),
                                                array(manager, values.get(name))
                                                        .reshape(p.getShape())));
    }

    private static NDArray array(NDManager manager, JsonNode rows) {
        var values = flat(rows);
        var shape =
                rows.get(0).isArray()
                        ? new Shape(rows.size(), rows.get(0).size())
                        : new Shape(rows.size());
        return manager.create(values, shape);
    }

    private static double[] flat(JsonNode rows) {
        var list = rows.get(0).isArray() ? rows : List.of(rows);
        return StreamSupport.stream(list.spliterator(), false)
                .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static void assertClose(JsonNode expected, NDArray actual, String what) {
        assertArrayEquals(flat(expected), actual.toDoubleArray(), TOLERANCE, what);
    }
}
