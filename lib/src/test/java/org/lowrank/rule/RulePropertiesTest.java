package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.golden.Fractions;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;
import org.lowrank.linalg.GramRoot;
import org.lowrank.rule.RandomPair.Directions;

/** What the theorems of both papers say of a rule, on random pairs of many shapes. */
class RulePropertiesTest {

    static Stream<RandomPair> pairs() {
        return RandomPair.many();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theEquivalentGradientIsTheTangentProjectionWhateverXIs(RandomPair pair) {
        var expected = tangent(pair.projectionB(), pair.projectionA(), pair.g());
        for (var x : XChoice.values()) {
            var found = pair.equivalent(pair.directions(new LoraPro(x, 0)));
            assertClose(expected, found, 1e-11);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theLeastDistanceIsReachedAtFactorsOfAnySizeAndAtZero(RandomPair pair) {
        var pb = pair.projectionB();
        var pa = pair.projectionA();
        for (double size : new double[] {1e-12, 1e-6, 1, 1e6}) {
            var b = pair.b().copy();
            CommonOps_DDRM.scale(size, b);
            var at = pair.withFactors(pair.a(), b);
            var found = at.equivalent(at.directions(new LeastDistance()));
            assertClose(tangent(pb, pa, pair.g()), found, 1e-11);
        }
        var zero = pair.withFactors(pair.a(), new DMatrixRMaj(pair.b().numRows, pair.rank()));
        var found = zero.equivalent(zero.directions(new LeastDistance()));
        assertClose(product(pair.g(), pa), found, 1e-11);
    }

    @Test
    void theLeastDistanceLeavesOutWhatAFactorSpansByRoundingAlone() {
        var random = new Random(5);
        // A of rank 4 in 8 rows, rounded to float32 as the start of an adapter is
        var narrow = gaussian(4, 60, random);
        var a = product(gaussian(8, 4, random), narrow);
        for (int i = 0; i < a.data.length; i++) {
            a.data[i] = (float) a.data[i];
        }
        var b = gaussian(40, 8, random);
        var pair = new RandomPair(a, b, gaussian(40, 60, random), 2);
        var spanned = pair.withFactors(narrow, b);
        var expected = tangent(pair.projectionB(), spanned.projectionA(), pair.g());
        assertClose(expected, pair.equivalent(pair.directions(new LeastDistance())), 1e-5);
    }

    private static DMatrixRMaj tangent(DMatrixRMaj pb, DMatrixRMaj pa, DMatrixRMaj g) {
        var sum = product(pb, g);
        CommonOps_DDRM.multAdd(g, pa, sum);
        CommonOps_DDRM.multAdd(-1, product(pb, g), pa, sum);
        return sum;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void noOtherDirectionsComeCloserToTheFullGradient(RandomPair pair) {
        var best = pair.directions(new LoraPro(XChoice.SYLVESTER, 0));
        double distance = distance(pair.equivalent(best), pair.g());
        var random = new Random(1);
        for (double size : new double[] {1e-4, 1e-2, 1, 100}) {
            for (int i = 0; i < 5; i++) {
                double other = distance(pair.equivalent(disturbed(best, size, random)), pair.g());
                assertTrue(other >= distance - 1e-12, other + " < " + distance);
            }
        }
    }

    private static Directions disturbed(Directions d, double size, Random random) {
        var a = gaussian(d.gradA().numRows, d.gradA().numCols, random);
        var b = gaussian(d.gradB().numRows, d.gradB().numCols, random);
        return new Directions(
                CommonOps_DDRM.add(d.gradA(), size, a, null),
                CommonOps_DDRM.add(d.gradB(), size, b, null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theLossFallsByTheSquareOfTheEquivalentGradient(RandomPair pair) {
        // L(W) = sum of log cosh(W - T) with dL/dW = tanh(W - T), at W = sBA
        var start = product(pair.b(), pair.a());
        CommonOps_DDRM.scale(pair.scaling(), start);
        var target = gaussian(start.numRows, start.numCols, new Random(9));
        var gradient = CommonOps_DDRM.subtract(start, target, null);
        for (int i = 0; i < gradient.data.length; i++) {
            gradient.data[i] = Math.tanh(gradient.data[i]);
        }
        var at = pair.withGradient(gradient);
        for (var x : XChoice.values()) {
            var step = at.directions(new LoraPro(x, 0));
            double square = Math.pow(NormOps_DDRM.normF(at.equivalent(step)), 2);
            double slope = slope(at, step, target, 1e-4);
            double nearer = slope(at, step, target, 5e-5);
            // slopes over gamma and gamma / 2 extrapolate to the derivative, up to gamma²
            assertEquals(-square, 2 * nearer - slope, 1e-4 * square);
        }
    }

    private static double slope(
            RandomPair pair, Directions step, DMatrixRMaj target, double gamma) {
        return (loss(pair, step, target, gamma) - loss(pair, step, target, 0)) / gamma;
    }

    private static double loss(RandomPair pair, Directions step, DMatrixRMaj target, double gamma) {
        var weight = pair.productAfter(step, gamma);
        double sum = 0;
        for (int i = 0; i < weight.data.length; i++) {
            sum += Math.log(Math.cosh(pair.scaling() * weight.data[i] - target.data[i]));
        }
        return sum;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void altLoraMovesTheWeightAlongTheProjectionOfTheMovingFactor(RandomPair pair) {
        var a = pair.equivalent(pair.directions(new AltLora(Factors.A, 0)));
        assertClose(product(pair.projectionB(), pair.g()), a, 1e-11);
        var b = pair.equivalent(pair.directions(new AltLora(Factors.B, 0)));
        assertClose(product(pair.g(), pair.projectionA()), b, 1e-11);
        var projected = pair.equivalent(pair.directions(new AltLora(Factors.B, 0)));
        assertClose(product(pair.g(), pair.projectionA()), projected, 1e-11);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void dampingIsARidgePenaltyOnTheDirection(RandomPair pair) {
        double damping = 0.1;
        var best = pair.directions(new AltLora(Factors.A, damping));
        double least = ridge(pair, best, damping);
        var random = new Random(4);
        for (int i = 0; i < 5; i++) {
            var change = gaussian(pair.rank(), pair.a().numCols, random);
            double up = ridge(pair, along(best, change, 1e-3), damping);
            double down = ridge(pair, along(best, change, -1e-3), damping);
            assertTrue(up > least && down > least);
            assertEquals(up - least, down - least, 1e-6 * (up - least) + 1e-12 * least);
        }
    }

    private static Directions along(Directions d, DMatrixRMaj change, double size) {
        return new Directions(CommonOps_DDRM.add(d.gradA(), size, change, null), d.gradB());
    }

    /** |s B gᴬ - g|² + s² damping |gᴬ|². */
    private static double ridge(RandomPair pair, Directions d, double damping) {
        double penalty = pair.scaling() * NormOps_DDRM.normF(d.gradA());
        return Math.pow(distance(pair.equivalent(d), pair.g()), 2) + damping * penalty * penalty;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void theGradientsOverTheRootsOfThePartnersAreTheFullOneInAnOrthonormalBasis(RandomPair pair) {
        var rootB = GramRoot.of(Gram.ofColumns(pair.b())).pseudoInverse();
        var rootA = GramRoot.of(Gram.ofRows(pair.a())).pseudoInverse();
        var z =
                new Directions(
                        CommonOps_DDRM.multTransA(rootB, pair.rawA(), null),
                        product(pair.rawB(), rootA));
        double square = pair.scaling() * pair.scaling();
        var expected = product(pair.g(), product(pair.projectionA(), transposed(pair.g())));
        CommonOps_DDRM.scale(square, expected);
        assertClose(expected, CommonOps_DDRM.multTransB(z.gradB(), z.gradB(), null), 1e-11);
        expected = product(transposed(pair.g()), product(pair.projectionB(), pair.g()));
        CommonOps_DDRM.scale(square, expected);
        assertClose(expected, CommonOps_DDRM.multTransA(z.gradA(), z.gradA(), null), 1e-11);
    }

    private static DMatrixRMaj transposed(DMatrixRMaj matrix) {
        return CommonOps_DDRM.transpose(matrix, null);
    }

    @Test
    void everyRuleIsDefinedAtTheFirstStep() {
        var pair = RandomPair.of(9, 7, 3, 1);
        var firstStep = pair.withFactors(pair.a(), new DMatrixRMaj(9, 3));
        for (var rule : undamped()) {
            assertEquals(0, NormOps_DDRM.normF(firstStep.directions(rule).gradA()), "" + rule);
        }
    }

    @Test
    void zeroGradientsGiveZeroDirections() {
        var pair = RandomPair.of(9, 7, 3, 1).withGradient(new DMatrixRMaj(9, 7));
        for (var rule : undamped()) {
            var d = pair.directions(rule);
            assertEquals(0, NormOps_DDRM.normF(d.gradA()), "" + rule);
            assertEquals(0, NormOps_DDRM.normF(d.gradB()), "" + rule);
        }
    }

    private static List<GradientRule> undamped() {
        return List.of(
                new RawGradient(),
                new LoraPro(XChoice.ZERO, 0),
                new LoraPro(XChoice.SYLVESTER, 0),
                new LoraPro(XChoice.SYMMETRIC, 0),
                new LoraPro(XChoice.SYMMETRIC_RELEASED, 0),
                new LoraPro(XChoice.RANDOM, 0),
                new AltLora(Factors.A, 0),
                new AltLora(Factors.B, 0),
                new AltLora(Factors.BOTH, 0),
                new ScaledGradient(0));
    }

    @Test
    void twoZeroFactorsAreASaddleThatTheRulesRefuse() {
        var dead =
                RandomPair.of(9, 7, 3, 1).withFactors(new DMatrixRMaj(3, 7), new DMatrixRMaj(9, 3));
        for (var rule :
                List.of(
                        new LoraPro(XChoice.SYLVESTER, 1e-8),
                        new AltLora(Factors.BOTH, 1e-6),
                        new ScaledGradient(1e-6))) {
            var error = assertThrows(DivergedException.class, () -> dead.directions(rule));
            assertTrue(error.getMessage().contains("both 0"), error.getMessage());
        }
    }

    @Test
    void aSingularGramMatrixWithoutDampingIsRefusedByName() {
        var pair = RandomPair.of(9, 7, 2, 1);
        var a = Fractions.matrix("[[1, 2, 3, 4, 5, 6, 7], [2, 4, 6, 8, 10, 12, 14]]");
        var singular = pair.withFactors(a, pair.b());
        var error =
                assertThrows(
                        DivergedException.class,
                        () -> singular.directions(new LoraPro(XChoice.ZERO, 0)));
        assertTrue(error.getMessage().startsWith("AAᵀ (2, 2) is singular"), error.getMessage());
        assertTrue(error.getMessage().contains("damping"), error.getMessage());
        // what the rule does not invert may be singular
        singular.directions(new AltLora(Factors.A, 0));
        singular.directions(new LoraPro(XChoice.SYLVESTER, 1e-3));
    }

    @Test
    void aDampingThatIsNotAtLeastZeroIsRefused() {
        for (double bad : new double[] {-1e-6, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new LoraPro(XChoice.ZERO, bad));
            assertThrows(IllegalArgumentException.class, () -> new AltLora(Factors.A, bad));
            assertThrows(IllegalArgumentException.class, () -> new ScaledGradient(bad));
        }
    }
}
