package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.golden.Fractions;

class GramTest {

    static IntStream ranks() {
        return IntStream.of(1, 2, 3, 4, 8, 16, 33, 64);
    }

    @ParameterizedTest
    @MethodSource("ranks")
    void theInverseTimesTheMatrixIsTheIdentity(int r) {
        var gram = random(r, r + 5, r);
        assertIdentity(gram.inverse("G"), gram.matrix(), 1e-10);
    }

    @Test
    void theInverseOfTheHilbertMatrixIsInteger() {
        var h3 = Fractions.matrix("[[1, 1/2, 1/3], [1/2, 1/3, 1/4], [1/3, 1/4, 1/5]]");
        var expected = Fractions.matrix("[[9, -36, 30], [-36, 192, -180], [30, -180, 180]]");
        assertClose(expected, new Gram(h3).inverse("H"), 1e-10);
        assertClose(expected, new Gram(h3).pseudoInverse(1e-12), 1e-10);
    }

    @Test
    void theInverseOfASingularMatrixNamesItAndTheRemedy() {
        var factor = Fractions.matrix("[[1, 2], [2, 4], [3, 6]]");
        var error =
                assertThrows(DivergedException.class, () -> Gram.ofColumns(factor).inverse("BᵀB"));
        assertTrue(error.getMessage().startsWith("BᵀB (2, 2) is singular"), error.getMessage());
        assertTrue(error.getMessage().contains("positive damping"), error.getMessage());
        assertFalse(Double.isNaN(Gram.ofColumns(factor).damped(1e-3).inverse("").get(0, 0)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aRankDeficientFactorIsSingularWhateverItsRoundingLeaves(long seed) {
        var random = new Random(seed);
        var tall = RandomMatrices_DDRM.rectangle(20, 3, random);
        var wide = RandomMatrices_DDRM.rectangle(3, 5, random);
        var gram = Gram.ofColumns(CommonOps_DDRM.mult(tall, wide, null));
        assertThrows(DivergedException.class, () -> gram.inverse("BᵀB"));
    }

    @Test
    void aTinyFactorIsNotASingularOne() {
        var gram = random(4, 9, 3);
        var tiny = gram.matrix().copy();
        CommonOps_DDRM.scale(1e-40, tiny);
        var inverse = new Gram(tiny).inverse("BᵀB");
        CommonOps_DDRM.scale(1e-40, inverse);
        assertIdentity(inverse, gram.matrix(), 1e-10);
    }

    @Test
    void aValueThatIsNotFiniteIsNamed() {
        var nan = new Gram(Fractions.matrix("[[NaN]]"));
        var error = assertThrows(DivergedException.class, () -> nan.inverse("AAᵀ"));
        assertTrue(error.getMessage().startsWith("AAᵀ (1, 1) holds a value"), error.getMessage());
        assertThrows(DivergedException.class, nan::eigen);
    }

    @Test
    void thePseudoInverseLeavesOutWhatIsBelowTheCut() {
        var gram = new Gram(Fractions.matrix("[[2, 2], [2, 2]]"));
        assertClose(Fractions.matrix("[[1/8, 1/8], [1/8, 1/8]]"), gram.pseudoInverse(1e-12), 1e-15);
        var graded = new Gram(Fractions.matrix("[[4, 0], [0, 1/1024]]"));
        assertClose(Fractions.matrix("[[1/4, 0], [0, 1024]]"), graded.pseudoInverse(1e-4), 1e-10);
        assertClose(Fractions.matrix("[[1/4, 0], [0, 0]]"), graded.pseudoInverse(1e-3), 1e-15);
        assertClose(new DMatrixRMaj(3, 3), new Gram(new DMatrixRMaj(3, 3)).pseudoInverse(0), 0);
        assertThrows(IllegalArgumentException.class, () -> graded.pseudoInverse(1));
    }

    @Test
    void dampingIsAddedToTheDiagonal() {
        var gram = new Gram(Fractions.matrix("[[2, 1], [1, 3]]"));
        assertClose(Fractions.matrix("[[5/2, 1], [1, 7/2]]"), gram.damped(0.5).matrix(), 0);
        assertClose(Fractions.matrix("[[2, 1], [1, 3]]"), gram.matrix(), 0);
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> gram.damped(bad));
        }
    }

    @Test
    void theConditionIsTheRatioOfTheEigenvalues() {
        assertEquals(3, new Gram(Fractions.matrix("[[2, 1], [1, 2]]")).condition(), 1e-14);
        assertEquals(
                Double.POSITIVE_INFINITY,
                new Gram(Fractions.matrix("[[1, 0], [0, 0]]")).condition());
    }

    @Test
    void whatIsNotAGramMatrixIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Gram(new DMatrixRMaj(2, 3)));
        var skew = Fractions.matrix("[[1, 2], [0, 1]]");
        var error = assertThrows(IllegalArgumentException.class, () -> new Gram(skew));
        assertTrue(error.getMessage().contains("must be symmetric"), error.getMessage());
    }

    @Test
    void anEmptyFactorHasAnEmptyInverse() {
        var empty = Gram.ofRows(new DMatrixRMaj(0, 4));
        assertEquals(0, empty.inverse("AAᵀ").numRows);
        assertEquals(0, empty.pseudoInverse(0).numRows);
        assertEquals(1, empty.condition());
        assertTrue(empty.isZero());
    }

    @ParameterizedTest
    @MethodSource("ranks")
    void theEigenvectorsAreOrthonormalAndRebuildTheMatrix(int r) {
        var gram = random(r, r + 2, r + 100);
        var eigen = gram.eigen();
        assertTrue(MatrixFeatures_DDRM.isOrthogonal(eigen.vectors(), 1e-12));
        assertClose(gram.matrix(), eigen.map(0, v -> v), 1e-11);
        for (int i = 1; i < r; i++) {
            assertTrue(eigen.values()[i - 1] <= eigen.values()[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-150, 1e150, 1e300})
    void eigenvaluesOfExtremeSizeAreRight(double size) {
        var matrix = Fractions.matrix("[[2, 1], [1, 2]]");
        CommonOps_DDRM.scale(size, matrix);
        var values = new Gram(matrix).eigen().values();
        assertEquals(1, values[0] / size, 1e-14);
        assertEquals(3, values[1] / size, 1e-14);
    }

    @ParameterizedTest
    @MethodSource("ranks")
    void theRootGivesOrthonormalColumns(int r) {
        var factor = RandomMatrices_DDRM.rectangle(r + 7, r, new Random(r));
        var gram = Gram.ofColumns(factor);
        var root = GramRoot.of(gram);
        assertClose(
                gram.matrix(), CommonOps_DDRM.multTransA(root.root(), root.root(), null), 1e-11);
        var q = CommonOps_DDRM.mult(factor, root.pseudoInverse(), null);
        assertIdentity(CommonOps_DDRM.transpose(q, null), q, 1e-11);
    }

    /** Columns of length 1 and e, nearly parallel: either side of where Cholesky is trusted. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-1, 1e-3, 2e-4, 5e-5, 1e-6})
    void theRootIsTheSameUpToARotationWhicheverWayItIsFound(double e) {
        var factor = new DMatrixRMaj(new double[][] {{1, 1}, {0, e}, {0, 0}});
        var root = GramRoot.of(Gram.ofColumns(factor));
        var q = CommonOps_DDRM.mult(factor, root.pseudoInverse(), null);
        // both directions are there, so the projection is that on the first two axes
        var expected = Fractions.matrix("[[1, 0, 0], [0, 1, 0], [0, 0, 0]]");
        assertClose(expected, CommonOps_DDRM.multTransB(q, q, null), 4e-16 / (e * e));
    }

    @Test
    void theRootOfARankDeficientMatrixLeavesOutTheMissingDirections() {
        var factor = Fractions.matrix("[[1, 1], [2, 2], [2, 2]]");
        var root = GramRoot.of(Gram.ofColumns(factor));
        var q = CommonOps_DDRM.mult(factor, root.pseudoInverse(), null);
        // P = Q Qᵀ is the projection on (1, 2, 2) / 3
        var expected = Fractions.matrix("[[1/9, 2/9, 2/9], [2/9, 4/9, 4/9], [2/9, 4/9, 4/9]]");
        assertClose(expected, CommonOps_DDRM.multTransB(q, q, null), 1e-14);
        var zero = GramRoot.of(new Gram(new DMatrixRMaj(2, 2)));
        assertClose(new DMatrixRMaj(2, 2), zero.root(), 0);
        assertClose(new DMatrixRMaj(2, 2), zero.pseudoInverse(), 0);
    }

    private static Gram random(int r, int rows, long seed) {
        return Gram.ofColumns(RandomMatrices_DDRM.rectangle(rows, r, new Random(seed)));
    }

    private static void assertIdentity(DMatrixRMaj x, DMatrixRMaj y, double tolerance) {
        assertTrue(MatrixFeatures_DDRM.isIdentity(CommonOps_DDRM.mult(x, y, null), tolerance));
    }

    private static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        assertTrue(
                MatrixFeatures_DDRM.isIdentical(expected, actual, tolerance),
                () -> expected + " but " + actual);
    }
}
