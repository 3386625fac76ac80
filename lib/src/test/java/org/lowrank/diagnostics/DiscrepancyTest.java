package org.lowrank.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.XChoice;

class DiscrepancyTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<JsonNode> golden() {
        var cases = GoldenFiles.resource("diagnostics.json").get("cases");
        return StreamSupport.stream(cases.spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("golden")
    void plainLoraAndLoraProHaveTheRecordedDistanceAndCosine(JsonNode node) {
        var pair =
                new LoraPair(
                        "w",
                        array(node.get("A0")),
                        array(node.get("B0")),
                        node.get("scaling").asDouble());
        var g = array(node.get("W_grad"));
        var raw = raw(pair, g);
        check(node, "lora", pair, raw, raw, g);
        check(node, "lora_pro", pair, raw, new LoraPro(XChoice.SYLVESTER, 0).project(pair, raw), g);
    }

    @Test
    void aMoveOfFloat64FactorsInPlaceIsSeen() {
        var pair =
                new LoraPair(
                        "w",
                        manager.ones(new Shape(2, 5), DataType.FLOAT64),
                        manager.ones(new Shape(4, 2), DataType.FLOAT64),
                        1);
        var g = manager.ones(new Shape(4, 5), DataType.FLOAT64);
        try (var gradient = new WeightGradient(pair, g)) {
            pair.loraA().subi(manager.ones(new Shape(2, 5), DataType.FLOAT64));
            assertEquals(1, gradient.move(pair).cosine(), 1e-12);
        }
    }

    private void check(
            JsonNode node,
            String name,
            LoraPair pair,
            PairGradient raw,
            PairGradient directions,
            NDArray g) {
        var expected = array(node.get(name + "_equivalent_gradient"));
        var equivalent = EquivalentGradient.of(pair, directions);
        assertEquals(0, expected.sub(equivalent).abs().max().getDouble(), 1e-10);
        double norm = Math.sqrt(g.square().sum().getDouble());
        for (var found :
                List.of(
                        Discrepancy.of(pair, directions, g),
                        Discrepancy.of(
                                stack(pair), stack(raw), stack(directions), new double[] {norm})[
                                0])) {
            assertEquals(
                    node.get(name + "_discrepancy").asDouble(), found.relativeDistance(), 1e-10);
            assertEquals(node.get(name + "_cosine").asDouble(), found.cosine(), 1e-10);
            assertEquals(
                    node.get(name + "_cosine").asDouble(),
                    Math.cos(Math.toRadians(found.angle())),
                    1e-10);
            assertEquals(norm, found.fullNorm(), 1e-12 * norm);
        }
    }

    @Test
    void aStackGivesOneRecordAPair() {
        var random = new Random(3);
        var a = random(random, 3, 2, 5);
        var b = random(random, 3, 7, 2);
        var moves = new PairGradient(random(random, 3, 2, 5), random(random, 3, 7, 2));
        var g = random(random, 3, 7, 5);
        var raw =
                new PairGradient(
                        b.transpose(0, 2, 1).matMul(g).mul(1.5),
                        g.matMul(a.transpose(0, 2, 1)).mul(1.5));
        var norms = new double[3];
        for (int i = 0; i < 3; i++) {
            norms[i] = Math.sqrt(g.get(i).square().sum().getDouble());
        }
        var stack = new PairStack(List.of("x", "y", "z"), a, b, 1.5);
        var all = Discrepancy.of(stack, raw, moves, norms);
        for (int i = 0; i < 3; i++) {
            var pair = new LoraPair(stack.paths().get(i), a.get(i), b.get(i), 1.5);
            var move = new PairGradient(moves.gradA().get(i), moves.gradB().get(i));
            var difference = EquivalentGradient.of(pair, move).sub(g.get(i));
            assertEquals(
                    Math.sqrt(difference.square().sum().getDouble()), all[i].distance(), 1e-10);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Discrepancy.of(stack, raw, moves, new double[2]));
    }

    @Test
    void aGradientThatTheFactorsReachInFullHasNoDistance() {
        var random = new Random(4);
        var pair = new LoraPair("w", random(random, 4, 4), random(random, 4, 4), 2);
        var g = random(random, 4, 4);
        var found =
                Discrepancy.of(pair, new LoraPro(XChoice.ZERO, 0).project(pair, raw(pair, g)), g);
        assertEquals(0, found.relativeDistance(), 1e-6);
        assertEquals(1, found.cosine(), 1e-12);
        assertEquals(0, found.angle(), 1e-4);
    }

    @Test
    void float32GradientsAreMeasuredInFloat64() {
        var random = new Random(5);
        var pair = new LoraPair("w", random(random, 2, 30), random(random, 20, 2), 2);
        var g = random(random, 20, 30);
        var raw = raw(pair, g);
        var exact = Discrepancy.of(pair, raw, g);
        var pair32 =
                new LoraPair(
                        "w",
                        pair.loraA().toType(DataType.FLOAT32, true),
                        pair.loraB().toType(DataType.FLOAT32, true),
                        2);
        var raw32 =
                new PairGradient(
                        raw.gradA().toType(DataType.FLOAT32, true),
                        raw.gradB().toType(DataType.FLOAT32, true));
        int before = manager.getManagedArrays().size();
        var found = Discrepancy.of(pair32, raw32, g.toType(DataType.FLOAT32, true));
        assertEquals(exact.distance(), found.distance(), 1e-5 * exact.distance());
        assertEquals(before + 1, manager.getManagedArrays().size(), "arrays left behind");
    }

    @Test
    void aFullGradientOfAnotherShapeIsRefused() {
        var random = new Random(6);
        var pair = new LoraPair("layer.q", random(random, 2, 5), random(random, 7, 2), 1);
        var moves = new PairGradient(random(random, 2, 5), random(random, 7, 2));
        var g = random(random, 5, 7);
        var error =
                assertThrows(IllegalArgumentException.class, () -> Discrepancy.of(pair, moves, g));
        assertTrue(error.getMessage().startsWith("layer.q: "), error.getMessage());
    }

    private static PairGradient raw(LoraPair pair, NDArray g) {
        return new PairGradient(
                pair.loraB().transpose().matMul(g).mul(pair.scaling()),
                g.matMul(pair.loraA().transpose()).mul(pair.scaling()));
    }

    private static PairStack stack(LoraPair pair) {
        return new PairStack(
                List.of(pair.path()),
                pair.loraA().expandDims(0),
                pair.loraB().expandDims(0),
                pair.scaling());
    }

    private static PairGradient stack(PairGradient gradient) {
        return new PairGradient(gradient.gradA().expandDims(0), gradient.gradB().expandDims(0));
    }

    private NDArray array(JsonNode rows) {
        var values =
                StreamSupport.stream(rows.spliterator(), false)
                        .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
                        .mapToDouble(JsonNode::asDouble)
                        .toArray();
        return manager.create(values, new Shape(rows.size(), rows.get(0).size()));
    }

    private NDArray random(Random random, long... shape) {
        var values = random.doubles(new Shape(shape).size(), -1, 1).toArray();
        return manager.create(values, new Shape(shape));
    }
}
