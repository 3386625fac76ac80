package org.lowrank.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.config.Choice;
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
