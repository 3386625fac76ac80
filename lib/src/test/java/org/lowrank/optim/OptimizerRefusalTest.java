package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.optim.PairAssertions.assertUnchanged;
import static org.lowrank.optim.PairAssertions.now;
import static org.lowrank.optim.PairAssertions.pairs;
import static org.lowrank.optim.PairAssertions.reader;
import static org.lowrank.optim.PairAssertions.saved;

import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.linalg.DivergedException;
import org.lowrank.optim.OptimizerCases.Case;
import org.lowrank.optim.QuadraticPairs.Start;

/** What every optimizer refuses, by name and without having moved anything. */
class OptimizerRefusalTest {

    private static final String ALL = "org.lowrank.optim.OptimizerCases#all";
    private static final String KEEPING = "org.lowrank.optim.OptimizerCases#keepingState";
    private static final String INVERTING = "org.lowrank.optim.OptimizerCases#invertingGrams";

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void refusesZeroPairsAndAPairGivenTwice(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            var none =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> optimizer.step(List.of(), List.of(), 0.1));
            assertTrue(none.getMessage().contains("no adapter pair"), none.getMessage());
            var gradients = pairs.gradients(1);
            var stack = pairs.stacks().get(0);
            var twice =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    optimizer.step(
                                            List.of(stack, stack),
                                            List.of(gradients.get(0), gradients.get(0)),
                                            0.1));
            assertTrue(twice.getMessage().contains("layer.0.query"), twice.getMessage());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(KEEPING)
    void refusesAnotherSetOfPairsLater(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            pairs.step(optimizer, c.rate());
            var fewer = List.of(pairs.stacks().get(0));
            var gradients = List.of(pairs.gradients(1).get(0));
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> optimizer.step(fewer, gradients, c.rate()));
            assertTrue(error.getMessage().contains("layer.0.output"), error.getMessage());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void aValueThatIsNotFiniteIsRefusedByNameAndChangesNothing(Case c) throws IOException {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            for (var factorIsA : new boolean[] {true, false}) {
                refusesBadGradient(c, bad, factorIsA);
            }
        }
    }

    private static void refusesBadGradient(Case c, double bad, boolean inA) throws IOException {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            pairs.step(optimizer, c.rate());
            pairs.step(optimizer, c.rate());
            // An alternating order reads the other factor at the next step.
            boolean read =
                    inA
                            ? optimizer.needs().reads().includeA()
                            : optimizer.needs().reads().includeB();
            if (!read) {
                if (inA && !c.movesA()) {
                    return;
                }
                pairs.step(optimizer, c.rate());
            }
            var before = now(pairs);
            var state = saved(optimizer);
            var gradients = pairs.gradients(1);
            var target = inA ? gradients.get(1).gradA() : gradients.get(1).gradB();
            target.set(new NDIndex("1, 0, 1"), bad);
            var error =
                    assertThrows(
                            DivergedException.class,
                            () -> optimizer.step(pairs.stacks(), gradients, c.rate()));
            assertTrue(error.getMessage().startsWith("layer.1.output:"), error.getMessage());
            assertUnchanged(before, pairs);
            assertArrayEquals(state, saved(optimizer));
            // And the next good step goes on as if nothing had been.
            pairs.step(optimizer, c.rate());
            assertTrue(Double.isFinite(pairs.loss()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(INVERTING)
    void aSingularGramWithoutDampingIsRefusedByNameAndChangesNothing(Case c) throws IOException {
        var groups = new ArrayList<List<Start>>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            groups.add(new ArrayList<>(group));
        }
        var singular = groups.get(0).get(1);
        var a = singular.a().copy();
        var b = singular.b().copy();
        for (int j = 0; j < a.numCols; j++) {
            a.set(1, j, 2 * a.get(0, j));
        }
        for (int i = 0; i < b.numRows; i++) {
            b.set(i, 1, -b.get(i, 0));
        }
        groups.get(0).set(1, singular.withFactors(a, b));
        try (var pairs = new QuadraticPairs(DataType.FLOAT64, groups);
                var optimizer = c.createWith(Map.of("damping", 0.0))) {
            var before = now(pairs);
            var state = saved(optimizer);
            var error =
                    assertThrows(DivergedException.class, () -> pairs.step(optimizer, c.rate()));
            assertTrue(error.getMessage().startsWith("layer.0.value:"), error.getMessage());
            assertUnchanged(before, pairs);
            assertEquals(0, stepsIn(saved(optimizer)) - stepsIn(state));
        }
    }

    private static long stepsIn(byte[] saved) throws IOException {
        var in = reader(saved);
        in.readUTF();
        in.readUTF();
        return in.readLong();
    }
}
