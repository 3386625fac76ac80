package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.optim.PairAssertions.assertCloseFactors;
import static org.lowrank.optim.PairAssertions.assertSameFactors;
import static org.lowrank.optim.PairAssertions.assertUnchanged;
import static org.lowrank.optim.PairAssertions.close;
import static org.lowrank.optim.PairAssertions.now;
import static org.lowrank.optim.PairAssertions.pairs;
import static org.lowrank.optim.PairAssertions.regrouped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.adapter.PairGradient;
import org.lowrank.optim.OptimizerCases.Case;
import org.lowrank.optim.QuadraticPairs.Start;

/** What every optimizer of {@link OptimizerCases} does, whatever its method. */
class OptimizerContractTest {

    private static final String ALL = "org.lowrank.optim.OptimizerCases#all";
    private static final String DECAYING = "org.lowrank.optim.OptimizerCases#decaying";

    /** Without those of a cell that another test has run. */
    private static Set<String> ofTheLibrary() {
        return Optimizers.names().stream()
                .filter(name -> !Optimizers.isOfThisSession(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theTableHoldsEveryRegisteredOptimizer() {
        Set<String> covered = OptimizerCases.all().map(Case::method).collect(Collectors.toSet());
        assertEquals(ofTheLibrary(), new TreeSet<>(covered));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void descendsOnAQuadratic(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            double start = pairs.loss();
            double best = bestLoss();
            for (int i = 0; i < 50; i++) {
                pairs.step(optimizer, c.rate());
            }
            // With A frozen the optimum over B alone is farther away than the best of rank r.
            double share = c.movesA() ? 0.4 : 0.7;
            assertTrue(
                    pairs.loss() - best < share * (start - best),
                    "from " + start + " to " + pairs.loss() + ", best " + best);
        }
    }

    /** Σ of the squares of the singular values of T beyond the rank, halved (Eckart, Young). */
    private static double bestLoss() {
        double loss = 0;
        for (var group : QuadraticPairs.fivePairs(1)) {
            for (var start : group) {
                var svd =
                        org.ejml.dense.row.factory.DecompositionFactory_DDRM.svd(
                                false, false, true);
                svd.decompose(start.target().copy());
                double[] values = svd.getSingularValues().clone();
                java.util.Arrays.sort(values);
                for (int i = 0; i < values.length - 2; i++) {
                    loss += 0.5 * values[i] * values[i];
                }
            }
        }
        return loss;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void pairsInAnyOrderAndGroupingMoveAlike(Case c) {
        var groups = QuadraticPairs.fivePairs(1);
        try (var one = new QuadraticPairs(DataType.FLOAT64, groups);
                var other = new QuadraticPairs(DataType.FLOAT64, regrouped(groups));
                var first = c.create();
                var second = c.create()) {
            for (int i = 0; i < 6; i++) {
                one.step(first, c.rate());
                other.step(second, c.rate());
            }
            assertCloseFactors(one, other);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void zeroGradientsLeaveEverythingStill(Case c) {
        try (var pairs = pairs();
                var optimizer = c.createWith(Map.of("weightDecay", 0.0, "balance", false))) {
            var before = now(pairs);
            pairs.step(optimizer, c.rate(), 0);
            pairs.step(optimizer, c.rate(), 0);
            assertUnchanged(before, pairs);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(DECAYING)
    void zeroGradientsLeaveDecayAlone(Case c) {
        double decay = 0.5;
        try (var pairs = pairs();
                var optimizer = c.createWith(Map.of("weightDecay", decay, "balance", false))) {
            int movesOfA = 0;
            int movesOfB = 0;
            for (int i = 0; i < 2; i++) {
                movesOfA += optimizer.needs().reads().includeA() ? 1 : 0;
                movesOfB += optimizer.needs().reads().includeB() ? 1 : 0;
                pairs.step(optimizer, c.rate(), 0);
            }
            double shrinkA = Math.pow(c.shrink().ofA(c.rate() * decay), movesOfA);
            double shrinkB = Math.pow(c.shrink().ofB(c.rate() * decay), movesOfB);
            for (var group : QuadraticPairs.fivePairs(1)) {
                for (var start : group) {
                    close(Matrices.scaled(shrinkA, start.a()), pairs.a(start.path()), 1e-14);
                    close(Matrices.scaled(shrinkB, start.b()), pairs.b(start.path()), 1e-14);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void atBZeroTheFirstStepsMoveBAndLeaveA(Case c) {
        var groups = new ArrayList<List<Start>>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            groups.add(
                    group.stream()
                            .map(s -> s.withFactors(s.a(), new DMatrixRMaj(s.b().numRows, 2)))
                            .toList());
        }
        try (var pairs = new QuadraticPairs(DataType.FLOAT32, groups);
                var optimizer = c.createWith(Map.of("weightDecay", 0.0, "balance", false))) {
            double start = pairs.loss();
            var before = now(pairs);
            boolean movesB = optimizer.needs().reads().includeB();
            pairs.step(optimizer, c.rate());
            for (var old : before.values()) {
                assertArrayEquals(old.a().data, pairs.a(old.path()).data, old.path());
                boolean moved = !java.util.Arrays.equals(old.b().data, pairs.b(old.path()).data);
                assertEquals(movesB, moved, old.path());
            }
            for (int i = 0; i < 8; i++) {
                pairs.step(optimizer, c.rate());
            }
            assertTrue(pairs.loss() < start, start + " to " + pairs.loss());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void aGradientThatTheStepDoesNotReadMayBeAbsentOrWrong(Case c) {
        try (var pairs = pairs();
                var same = pairs();
                var optimizer = c.create();
                var other = c.create()) {
            for (int i = 0; i < 4; i++) {
                var masked = new ArrayList<PairGradient>();
                for (var g : pairs.gradients(1)) {
                    masked.add(
                            new PairGradient(
                                    optimizer.needs().reads().includeA() ? g.gradA() : null,
                                    optimizer.needs().reads().includeB()
                                            ? g.gradB()
                                            : g.gradB().mul(Double.NaN)));
                }
                optimizer.step(pairs.stacks(), masked, c.rate());
                same.step(other, c.rate());
            }
            assertSameFactors(pairs, same);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void leavesThatShareStorageSeeTheStep(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            var stack = pairs.stacks().get(0);
            var leafA = leaf(stack.loraA());
            var leafB = leaf(stack.loraB());
            pairs.step(optimizer, c.rate());
            pairs.step(optimizer, c.rate());
            assertArrayEquals(pairs.a("layer.0.value").data, leafA.toDoubleArray());
            assertArrayEquals(pairs.b("layer.0.value").data, leafB.toDoubleArray());
            assertFalse(stack.loraA().hasGradient());
        }
    }

    private static NDArray leaf(NDArray stacked) {
        var leaf = stacked.get(1).stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void itsTextHoldsEveryHyperParameter(Case c) {
        try (var optimizer = c.create()) {
            var text = optimizer.toString();
            for (var option : Optimizers.options(c.method()).entrySet()) {
                var value = c.options().getOrDefault(option.getKey(), option.getValue());
                var part = option.getKey() + "=" + value.toString();
                assertTrue(
                        text.toLowerCase(java.util.Locale.ROOT)
                                .contains(part.toLowerCase(java.util.Locale.ROOT)),
                        part + " is not in " + text);
            }
        }
    }
}
