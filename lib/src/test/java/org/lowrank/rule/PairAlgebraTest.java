package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.LoraPair;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.golden.Fractions;
import org.lowrank.golden.GoldenFiles;
import org.lowrank.linalg.DivergedException;

class PairAlgebraTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<GradientRule> rules() {
        return Stream.of(
                new RawGradient(),
                new LoraPro(XChoice.ZERO, 0),
                new LoraPro(XChoice.SYLVESTER, 0),
                new LoraPro(XChoice.SYMMETRIC, 1e-3),
                new LoraPro(XChoice.SYMMETRIC_RELEASED, 1e-3),
                new AltLora(Factors.A, 0),
                new AltLora(Factors.B, 1e-6),
                new ScaledGradient(1e-6));
    }

    @Test
    void aNotebookCanProjectOnePairOfMatrices() {
        var step = GoldenFiles.resource("sylvester_original.json").get("lora_single_step");
        var pair =
                new LoraPair(
                        "w",
                        array(Fractions.matrix(step.get("A"))),
                        array(Fractions.matrix(step.get("B"))),
                        2);
        var raw =
                new PairGradient(
                        array(Fractions.matrix(step.get("gradA"))),
                        array(Fractions.matrix(step.get("gradB"))));
        var adjusted = new LoraPro(XChoice.SYLVESTER, 0).project(pair, raw);
        assertClose(array(Fractions.matrix(step.get("gA_sylv"))), adjusted.gradA(), 1e-12);
        assertClose(array(Fractions.matrix(step.get("gB_sylv"))), adjusted.gradB(), 1e-12);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void aStackMovesAsItsPairsDoOneByOne(GradientRule rule) {
        var stacks = List.of(stack(3, 7, 5, 2, 1), stack(2, 4, 9, 3, 2));
        var raw = stacks.stream().map(s -> gradients(s, 7)).toList();
        var together = PairAlgebra.project(rule, stacks, raw);
        for (int i = 0; i < stacks.size(); i++) {
            for (int layer = 0; layer < stacks.get(i).size(); layer++) {
                var alone = rule.project(pair(stacks.get(i), layer), slice(raw.get(i), layer));
                assertClose(alone.gradA(), together.get(i).gradA().get(layer), 1e-13);
                assertClose(alone.gradB(), together.get(i).gradB().get(layer), 1e-13);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void float32FactorsGiveFloat32DirectionsCloseToThoseOfFloat64(GradientRule rule) {
        var stack = stack(3, 40, 30, 4, 3);
        var raw = gradients(stack, 11);
        var exact = PairAlgebra.project(rule, List.of(stack), List.of(raw)).get(0);
        var rounded = PairAlgebra.project(rule, List.of(as32(stack)), List.of(as32(raw))).get(0);
        assertEquals(DataType.FLOAT32, rounded.gradA().getDataType());
        assertEquals(DataType.FLOAT32, rounded.gradB().getDataType());
        assertClose(exact.gradA(), rounded.gradA().toType(DataType.FLOAT64, true), 1e-4);
        assertClose(exact.gradB(), rounded.gradB().toType(DataType.FLOAT64, true), 1e-4);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void nothingButTheResultStaysOnTheDevice(GradientRule rule) {
        var stack = stack(3, 7, 5, 2, 1);
        var raw = gradients(stack, 7);
        int before = manager.getManagedArrays().size();
        var result = PairAlgebra.project(rule, List.of(stack), List.of(raw));
        assertEquals(before + 2, manager.getManagedArrays().size());
        result.forEach(PairGradient::close);
        var pair = pair(stack, 0);
        var slice = slice(raw, 0);
        before = manager.getManagedArrays().size();
        rule.project(pair, slice).close();
        assertEquals(before, manager.getManagedArrays().size());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void aGradientThatIsNotFiniteIsAnErrorThatNamesThePair(GradientRule rule) {
        var stack = stack(3, 7, 5, 2, 1);
        for (boolean inA : new boolean[] {true, false}) {
            var raw = gradients(stack, 7);
            var bad = inA ? raw.gradA() : raw.gradB();
            bad.set(new NDIndex("1, 0, 1"), Float.NaN);
            var error =
                    assertThrows(
                            DivergedException.class,
                            () -> PairAlgebra.project(rule, List.of(stack), List.of(raw)));
            assertTrue(error.getMessage().startsWith("layer.1: "), error.getMessage());
            assertTrue(error.getMessage().contains("not finite"), error.getMessage());
        }
    }

    @Test
    void whatIsAnnouncedBeforeComesWithTheGramMatrices() {
        var stack = stack(2, 6, 5, 3, 4);
        var other = stack(2, 6, 5, 3, 5);
        try (var algebra = PairAlgebra.of(List.of(stack), List.of(gradients(stack, 6)))) {
            var product = stack.loraB().transpose(0, 2, 1).matMul(other.loraB());
            var small = algebra.trip().down(product);
            assertThrows(IllegalStateException.class, () -> small.at(0));
            assertEquals(2, algebra.grams().get(0).length);
            for (int i = 0; i < 2; i++) {
                assertClose(product.get(i), array(small.at(i)), 0);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void otherGradientsOfTheSameFactorsNeedNoNewGramMatrices(GradientRule rule) {
        var stacks = List.of(stack(3, 7, 5, 2, 1), stack(2, 4, 9, 3, 2));
        var raw = stacks.stream().map(s -> gradients(s, 7)).toList();
        var other = stacks.stream().map(s -> gradients(s, 8)).toList();
        var expected = PairAlgebra.project(rule, stacks, other);
        try (var algebra = PairAlgebra.of(stacks, raw);
                var again = algebra.with(other)) {
            assertSame(algebra.grams().get(1)[1].gramA(), again.grams().get(1)[1].gramA());
            var directions = again.apply(again.coefficients(rule));
            for (int i = 0; i < stacks.size(); i++) {
                assertClose(expected.get(i).gradA(), directions.get(i).gradA(), 1e-14);
                assertClose(expected.get(i).gradB(), directions.get(i).gradB(), 1e-14);
            }
        }
    }

    @Test
    void theFirstRefusedPairIsNamedWhateverThreadMeetsItsOwnFirst() {
        var stacks = List.of(stack(40, 4, 3, 2, 1), stack(40, 5, 3, 2, 2));
        var error =
                assertThrows(
                        DivergedException.class,
                        () ->
                                PairStack.forEachPair(
                                        stacks,
                                        (stack, layer) -> {
                                            if (stack == 1 || layer >= 7) {
                                                throw new DivergedException("refused");
                                            }
                                        }));
        assertEquals("layer.7: refused", error.getMessage());
    }

    private PairStack stack(int layers, int out, int in, int rank, long seed) {
        var random = new Random(seed);
        var paths = IntStream.range(0, layers).mapToObj(i -> "layer." + i).toList();
        return new PairStack(
                paths, random(random, layers, rank, in), random(random, layers, out, rank), 1.5);
    }

    private PairGradient gradients(PairStack stack, long seed) {
        var random = new Random(seed);
        return new PairGradient(
                random(random, stack.size(), stack.rank(), stack.in()),
                random(random, stack.size(), stack.out(), stack.rank()));
    }

    private NDArray random(Random random, long... shape) {
        var values = new double[(int) new Shape(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return manager.create(values, new Shape(shape)).duplicate();
    }

    private PairStack as32(PairStack s) {
        return new PairStack(
                s.paths(),
                s.loraA().toType(DataType.FLOAT32, true),
                s.loraB().toType(DataType.FLOAT32, true),
                s.scaling());
    }

    private PairGradient as32(PairGradient g) {
        return new PairGradient(
                g.gradA().toType(DataType.FLOAT32, true), g.gradB().toType(DataType.FLOAT32, true));
    }

    private static LoraPair pair(PairStack stack, int layer) {
        return new LoraPair(
                stack.paths().get(layer),
                stack.loraA().get(layer),
                stack.loraB().get(layer),
                stack.scaling());
    }

    private static PairGradient slice(PairGradient gradient, int layer) {
        return new PairGradient(gradient.gradA().get(layer), gradient.gradB().get(layer));
    }

    private NDArray array(DMatrixRMaj matrix) {
        return manager.create(matrix.data, new Shape(matrix.numRows, matrix.numCols));
    }

    /**
     * Equal shapes, and a largest difference of at most {@code tolerance} times the largest entry.
     */
    private static void assertClose(NDArray expected, NDArray actual, double tolerance) {
        assertEquals(expected.getShape(), actual.getShape());
        double size = Math.max(1e-300, expected.abs().max().getDouble());
        double difference = expected.sub(actual).abs().max().getDouble();
        assertTrue(difference <= tolerance * size, difference + " of " + size);
    }
}
