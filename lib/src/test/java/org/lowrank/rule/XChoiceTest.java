package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.rule.RandomPair.assertClose;
import static org.lowrank.rule.RandomPair.distance;
import static org.lowrank.rule.RandomPair.gaussian;
import static org.lowrank.rule.RandomPair.product;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.rule.RandomPair.Directions;

/** What tells one free matrix X of LoRA-Pro from another, on random pairs of many shapes. */
class XChoiceTest {

    static Stream<RandomPair> pairs() {
        return RandomPair.many();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theSylvesterXMinimisesTheDistanceToTheRawGradientsAndTheNorm(RandomPair pair) {
        var best = pair.directions(new LoraPro(XChoice.SYLVESTER, 0));
        var zero =
                new Directions(
                        new DMatrixRMaj(pair.rank(), pair.a().numCols),
                        new DMatrixRMaj(pair.b().numRows, pair.rank()));
        for (var reference : List.of(new Directions(pair.rawA(), pair.rawB()), zero)) {
            double least = square(best, reference);
            var random = new Random(2);
            for (int i = 0; i < 5; i++) {
                var change = gaussian(pair.rank(), pair.rank(), random);
                double up = square(withX(pair, best, change, 1e-2), reference);
                double down = square(withX(pair, best, change, -1e-2), reference);
                assertTrue(up > least && down > least, up + " and " + down + " above " + least);
                // stationary: a quadratic that is least at the centre is the same on both sides
                assertEquals(up - least, down - least, 1e-9 * least + 1e-6 * (up - least));
            }
        }
    }

    /** The directions with X + size change in place of X. */
    private static Directions withX(
            RandomPair pair, Directions d, DMatrixRMaj change, double size) {
        var a = d.gradA().copy();
        var b = d.gradB().copy();
        CommonOps_DDRM.multAdd(size, change, pair.a(), a);
        CommonOps_DDRM.multAdd(-size, pair.b(), change, b);
        return new Directions(a, b);
    }

    private static double square(Directions d, Directions from) {
        return Math.pow(distance(d.gradA(), from.gradA()), 2)
                + Math.pow(distance(d.gradB(), from.gradB()), 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theSymmetricXSharesTheCommonPartBetweenTheHalves(RandomPair pair) {
        var d = pair.directions(new LoraPro(XChoice.SYMMETRIC, 0));
        var pbG = product(pair.projectionB(), pair.g());
        var gPa = product(pair.g(), pair.projectionA());
        var common = product(pbG, pair.projectionA());
        var half = product(pair.b(), d.gradA());
        CommonOps_DDRM.scale(pair.scaling(), half);
        assertClose(CommonOps_DDRM.add(pbG, -0.5, common, null), half, 1e-11);
        half = product(d.gradB(), pair.a());
        CommonOps_DDRM.scale(pair.scaling(), half);
        assertClose(CommonOps_DDRM.add(gPa, -0.5, common, null), half, 1e-11);
    }

    @ParameterizedTest
    @EnumSource
    void aFactorThatIsZeroLeavesItsPartnerWhereItIs(XChoice x) {
        var pair = RandomPair.of(9, 7, 3, 1);
        var firstStep = pair.withFactors(pair.a(), new DMatrixRMaj(9, 3));
        var d = firstStep.directions(new LoraPro(x, 0));
        assertEquals(0, NormOps_DDRM.normF(d.gradA()));
        var gPa = product(pair.g(), pair.projectionA());
        assertClose(gPa, firstStep.equivalent(d), 1e-11);
        assertClose(gPa, firstStep.equivalent(firstStep.directions(new LoraPro(x, 1e-8))), 1e-5);

        var mirrored = pair.withFactors(new DMatrixRMaj(3, 7), pair.b());
        d = mirrored.directions(new LoraPro(x, 0));
        assertEquals(0, NormOps_DDRM.normF(d.gradB()));
        assertClose(product(pair.projectionB(), pair.g()), mirrored.equivalent(d), 1e-11);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void aRandomXIsAsLargeAsTheSymmetricOneAndThatOfItsDraw(RandomPair pair) {
        var rule = new LoraPro(XChoice.RANDOM, 0);
        var symmetric = new LoraPro(XChoice.SYMMETRIC, 0).coefficients(pair.grams()).mixA();
        var mean = new DMatrixRMaj(pair.rank(), pair.rank());
        int draws = 200;
        for (int i = 0; i < draws; i++) {
            var grams = drawn(pair, new Draws(3, i).of("layer.0.query"));
            var x = rule.coefficients(grams).mixA();
            assertEquals(NormOps_DDRM.normF(symmetric), NormOps_DDRM.normF(x), 1e-9);
            assertEquals(0, distance(x, rule.coefficients(grams).mixA()));
            CommonOps_DDRM.addEquals(mean, 1.0 / draws, x);
        }
        // every draw has its own direction: the mean of n is 1/√n as long, five times that is rare
        double length = NormOps_DDRM.normF(mean) / NormOps_DDRM.normF(symmetric);
        assertTrue(length < 5 / Math.sqrt(draws), "" + length);
    }

    private static PairGrams drawn(RandomPair pair, long draw) {
        var g = pair.grams();
        return new PairGrams(g.gramA(), g.gramB(), g.gradAAt(), g.bTGradB(), g.scaling(), draw);
    }

    @Test
    void aDrawIsAnotherForAnotherSeedStepAndPair() {
        long draw = new Draws(1, 2).of("a");
        assertEquals(draw, new Draws(1, 2).of("a"));
        for (long other :
                new long[] {
                    new Draws(2, 2).of("a"),
                    new Draws(1, 3).of("a"),
                    new Draws(1, 2).of("b"),
                    new Draws(2, 1).of("a")
                }) {
            assertTrue(draw != other);
        }
    }
}
