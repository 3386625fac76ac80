package org.lowrank.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
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
    private static final String INVERTING = "org.lowrank.optim.OptimizerCases#invertingGrams";
    private static final String DECAYING = "org.lowrank.optim.OptimizerCases#decaying";

    @Test
    void theTableHoldsEveryRegisteredOptimizer() {
        Set<String> covered = OptimizerCases.all().map(Case::method).collect(Collectors.toSet());
        assertEquals(new TreeSet<>(OptimizerRegistry.names()), new TreeSet<>(covered));
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
    void twentyStepsAreTenAndTenMoreAfterARestart(Case c) throws IOException {
        try (var straight = pairs(DataType.FLOAT32);
                var halved = pairs(DataType.FLOAT32);
                var one = c.create();
                var first = c.create();
                var second = c.create()) {
            for (int i = 0; i < 20; i++) {
                straight.step(one, c.rate());
            }
            for (int i = 0; i < 10; i++) {
                halved.step(first, c.rate());
            }
            second.load(reader(saved(first)), halved.stacks());
            for (int i = 0; i < 10; i++) {
                halved.step(second, c.rate());
            }
            assertSameFactors(straight, halved);
            assertArrayEquals(saved(one), saved(second));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void stateFollowsItsPairsIntoAnotherGrouping(Case c) throws IOException {
        try (var straight = pairs();
                var one = c.create();
                var other = c.create()) {
            for (int i = 0; i < 4; i++) {
                straight.step(one, c.rate());
            }
            try (var regrouped = new QuadraticPairs(DataType.FLOAT64, regrouped(now(straight)))) {
                other.load(reader(saved(one)), regrouped.stacks());
                for (int i = 0; i < 3; i++) {
                    straight.step(one, c.rate());
                    regrouped.step(other, c.rate());
                }
                assertCloseFactors(straight, regrouped);
            }
        }
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
    void stateTakesTheBytesThatItsFormulaSays(Case c) {
        for (var type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            try (var pairs = pairs(type);
                    var optimizer = c.create()) {
                pairs.step(optimizer, c.rate());
                long size = type.getNumOfBytes();
                long expected =
                        3 * c.stateBytes().of(8, 6, 2, size) + 2 * c.stateBytes().of(5, 9, 2, size);
                assertEquals(expected, optimizer.stateBytes());
            }
        }
    }

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
    @MethodSource(ALL)
    void refusesAnotherSetOfPairsLater(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            if (optimizer.stateBytes() == 0 && c.method().endsWith("sgd")) {
                return; // it keeps nothing that could belong to other pairs
            }
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
            boolean read = inA ? optimizer.readsA() : optimizer.readsB();
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
                            ArithmeticException.class,
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
                    assertThrows(ArithmeticException.class, () -> pairs.step(optimizer, c.rate()));
            assertTrue(error.getMessage().startsWith("layer.0.value:"), error.getMessage());
            assertUnchanged(before, pairs);
            assertEquals(0, stepsIn(saved(optimizer)) - stepsIn(state));
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
                movesOfA += optimizer.readsA() ? 1 : 0;
                movesOfB += optimizer.readsB() ? 1 : 0;
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
            boolean movesB = optimizer.readsB();
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
                                    optimizer.readsA() ? g.gradA() : null,
                                    optimizer.readsB() ? g.gradB() : g.gradB().mul(Double.NaN)));
                }
                optimizer.step(pairs.stacks(), masked, c.rate());
                same.step(other, c.rate());
            }
            assertSameFactors(pairs, same);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void noArrayIsLeftBehindByAStep(Case c) {
        try (var pairs = pairs();
                var optimizer = c.create()) {
            for (int i = 0; i < 3; i++) {
                pairs.step(optimizer, c.rate());
            }
            int arrays = arrays(pairs);
            for (int i = 0; i < 4; i++) {
                pairs.step(optimizer, c.rate());
            }
            assertEquals(arrays, arrays(pairs));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void stateOutlivesAScopeOfTheCaller(Case c) {
        try (var pairs = pairs();
                var same = pairs();
                var optimizer = c.create();
                var other = c.create()) {
            for (int i = 0; i < 3; i++) {
                try (var scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    pairs.step(optimizer, c.rate());
                }
                same.step(other, c.rate());
            }
            assertSameFactors(pairs, same);
        }
    }

    private static int arrays(QuadraticPairs pairs) {
        return ((BaseNDManager) pairs.manager()).getManagedArrays().size();
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
            for (var option : OptimizerRegistry.options(c.method()).entrySet()) {
                var value = c.options().getOrDefault(option.getKey(), option.getValue());
                var part = option.getKey() + "=" + value.toString();
                assertTrue(
                        text.toLowerCase(java.util.Locale.ROOT)
                                .contains(part.toLowerCase(java.util.Locale.ROOT)),
                        part + " is not in " + text);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(ALL)
    void theStateOfAnotherConfigurationIsRefused(Case c) throws IOException {
        try (var pairs = pairs();
                var optimizer = c.create();
                var other = c.createWith(Map.of("weightDecay", 0.125))) {
            pairs.step(optimizer, c.rate());
            var bytes = saved(optimizer);
            var error =
                    assertThrows(
                            IOException.class, () -> other.load(reader(bytes), pairs.stacks()));
            assertTrue(error.getMessage().contains("0.125"), error.getMessage());
        }
    }

    private static QuadraticPairs pairs() {
        return pairs(DataType.FLOAT64);
    }

    private static QuadraticPairs pairs(DataType type) {
        return new QuadraticPairs(type, QuadraticPairs.fivePairs(1));
    }

    /** The same pairs, in another order and with one shape cut into two stacks. */
    private static List<List<Start>> regrouped(List<List<Start>> groups) {
        var first = groups.get(0);
        var second = groups.get(1);
        return List.of(
                List.of(second.get(1), second.get(0)),
                List.of(first.get(2)),
                List.of(first.get(1), first.get(0)));
    }

    private static List<List<Start>> regrouped(Map<String, Start> pairs) {
        var groups = new ArrayList<List<Start>>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            groups.add(group.stream().map(s -> pairs.get(s.path())).toList());
        }
        return regrouped(groups);
    }

    /** The pairs as they stand now. */
    private static Map<String, Start> now(QuadraticPairs pairs) {
        var now = new HashMap<String, Start>();
        for (var group : QuadraticPairs.fivePairs(1)) {
            for (var s : group) {
                now.put(s.path(), s.withFactors(pairs.a(s.path()), pairs.b(s.path())));
            }
        }
        return now;
    }

    private static void assertUnchanged(Map<String, Start> before, QuadraticPairs pairs) {
        for (var old : before.values()) {
            assertArrayEquals(old.a().data, pairs.a(old.path()).data, old.path());
            assertArrayEquals(old.b().data, pairs.b(old.path()).data, old.path());
        }
    }

    private static void assertSameFactors(QuadraticPairs one, QuadraticPairs other) {
        assertUnchanged(now(one), other);
    }

    private static void assertCloseFactors(QuadraticPairs one, QuadraticPairs other) {
        for (var path : one.paths()) {
            close(one.a(path), other.a(path), 1e-10);
            close(one.b(path), other.b(path), 1e-10);
        }
    }

    private static void close(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        double error = Matrices.relativeError(actual, expected);
        assertTrue(error <= tolerance, "off by " + error + " relative");
    }

    private static byte[] saved(PairOptimizer optimizer) throws IOException {
        var bytes = new ByteArrayOutputStream();
        optimizer.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static long stepsIn(byte[] saved) throws IOException {
        var in = reader(saved);
        in.readUTF();
        in.readUTF();
        return in.readLong();
    }

    private static DataInputStream reader(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }
}
