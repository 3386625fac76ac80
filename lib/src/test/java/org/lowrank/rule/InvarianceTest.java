package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.rule.RandomPair.distance;

import java.util.ArrayList;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether the step of BA depends on how BA is factored: the same step from (B, A) and from (B R⁻¹,
 * R A).
 */
class InvarianceTest {

    private static final double ETA = 0.1;

    static Stream<Arguments> invariantUnderAnyBasis() {
        return withPairs(
                new LoraPro(XChoice.ZERO, 0),
                new LoraPro(XChoice.SYMMETRIC, 0),
                new AltLora(Factors.A, 0),
                new AltLora(Factors.B, 0),
                new AltLora(Factors.BOTH, 0),
                new ScaledGradient(0),
                new AltLora(Factors.B, 0));
    }

    static Stream<Arguments> invariantUnderOrthogonalBasesOnly() {
        return withPairs(
                new RawGradient(),
                new LoraPro(XChoice.SYLVESTER, 0),
                new LoraPro(XChoice.SYMMETRIC_RELEASED, 0),
                new LoraPro(XChoice.ZERO, 0.1),
                new LoraPro(XChoice.SYLVESTER, 0.1),
                new LoraPro(XChoice.SYMMETRIC, 0.1),
                new AltLora(Factors.A, 0.1),
                new AltLora(Factors.B, 0.1),
                new AltLora(Factors.BOTH, 0.1),
                new ScaledGradient(0.1));
    }

    private static Stream<Arguments> withPairs(GradientRule... rules) {
        var rows = new ArrayList<Arguments>();
        for (var rule : rules) {
            RandomPair.many().forEach(pair -> rows.add(Arguments.of(rule, pair)));
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("invariantUnderAnyBasis")
    void theStepDoesNotDependOnTheFactorisation(GradientRule rule, RandomPair pair) {
        assertTrue(change(rule, pair, general(pair.rank())) <= 1e-10);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("invariantUnderOrthogonalBasesOnly")
    void theStepDependsOnTheFactorisationButNotOnARotation(GradientRule rule, RandomPair pair) {
        double rotated = change(rule, pair, rotation(pair.rank()));
        assertTrue(rotated <= 1e-10, "under a rotation the step changes by " + rotated);
        double changed = change(rule, pair, general(pair.rank()));
        assertTrue(changed >= 1e-6, "under a general basis the step changes by only " + changed);
    }

    /** How much the step of BA changes, relative to its size. */
    private static double change(GradientRule rule, RandomPair pair, DMatrixRMaj basis) {
        var other = pair.changedBasis(basis);
        var start = RandomPair.product(pair.b(), pair.a());
        var step =
                CommonOps_DDRM.subtract(pair.productAfter(pair.directions(rule), ETA), start, null);
        var otherStep =
                CommonOps_DDRM.subtract(
                        other.productAfter(other.directions(rule), ETA), start, null);
        return distance(step, otherStep) / NormOps_DDRM.normF(step);
    }

    private static DMatrixRMaj general(int r) {
        var values = new double[r];
        for (int i = 0; i < r; i++) {
            values[i] = 0.5 + i;
        }
        return RandomMatrices_DDRM.singular(r, r, new Random(r), values);
    }

    private static DMatrixRMaj rotation(int r) {
        return RandomMatrices_DDRM.orthogonal(r, r, new Random(r + 50));
    }
}
