package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricEigenTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 16, 33, 64, 128})
    void theSecondDifferenceHasItsCosines(int n) {
        var matrix = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            matrix.set(i, i, 2);
            if (i > 0) {
                matrix.set(i, i - 1, -1);
                matrix.set(i - 1, i, -1);
            }
        }
        var expected =
                IntStream.rangeClosed(1, n)
                        .mapToDouble(k -> 2 - 2 * Math.cos(k * Math.PI / (n + 1)))
                        .toArray();
        assertArrayEquals(expected, SymmetricEigen.of(matrix).values(), n * 4 * UtilEjml.EPS);
        assertRebuilds(matrix);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 8, 16, 31, 64, 128})
    void itAgreesWithEjmlOnRandomMatrices(int n) {
        var matrix = RandomMatrices_DDRM.symmetric(n, -1, 1, new Random(n));
        var other = DecompositionFactory_DDRM.eig(n, false, true);
        other.decompose(matrix.copy());
        var expected =
                IntStream.range(0, n).mapToDouble(i -> other.getEigenvalue(i).real).toArray();
        Arrays.sort(expected);
        assertArrayEquals(expected, SymmetricEigen.of(matrix).values(), n * 10 * UtilEjml.EPS);
        assertRebuilds(matrix);
    }

    @Test
    void matricesWithEqualEigenvaluesOrNothingBesideTheDiagonalAreRebuilt() {
        var ones = new DMatrixRMaj(9, 9);
        CommonOps_DDRM.fill(ones, 1);
        assertRebuilds(ones);
        assertEquals(9, SymmetricEigen.of(ones).values()[8], 1e-14);
        assertRebuilds(CommonOps_DDRM.identity(6));
        assertRebuilds(CommonOps_DDRM.diag(3, -1, 0, 3, 1e-200));
        assertRebuilds(new DMatrixRMaj(5, 5));
        assertRebuilds(new DMatrixRMaj(new double[][] {{0, 1, 0}, {1, 0, 0}, {0, 0, 7}}));
    }

    /** Eigenvalues from 1 down to 1e-14, of which every product of the iteration loses digits. */
    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64, 128})
    void aGradedGramMatrixIsRebuilt(int n) {
        var values = IntStream.range(0, n).mapToDouble(i -> Math.pow(1e-7, i / (n - 1.0)));
        var factor = RandomMatrices_DDRM.singular(2 * n, n, new Random(n), values.toArray());
        assertRebuilds(Gram.ofColumns(factor).matrix());
    }

    @Test
    void anIterationThatCannotEndSaysSo() {
        double[][] rows = {{1, 0}, {0, 1}};
        assertFalse(
                TridiagonalQr.diagonalise(new double[] {1, Double.NaN}, new double[] {1}, rows));
    }

    /** |V diag(values) Vᵀ - S| and |VᵀV - I| are a few roundings of |S|, and the values ascend. */
    private static void assertRebuilds(DMatrixRMaj matrix) {
        int n = matrix.numRows;
        var eigen = SymmetricEigen.of(matrix);
        for (int i = 1; i < n; i++) {
            assertEquals(Math.max(eigen.values()[i - 1], eigen.values()[i]), eigen.values()[i]);
        }
        var scaled = new DMatrixRMaj(n, n);
        CommonOps_DDRM.mult(eigen.vectors(), CommonOps_DDRM.diag(eigen.values()), scaled);
        var rebuilt = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransB(scaled, eigen.vectors(), rebuilt);
        double bound = 10 * Math.sqrt(n) * UtilEjml.EPS;
        double norm = Math.max(Math.abs(eigen.values()[0]), Math.abs(eigen.values()[n - 1]));
        assertClose(matrix, rebuilt, bound * norm);
        var product = new DMatrixRMaj(n, n);
        CommonOps_DDRM.multTransA(eigen.vectors(), eigen.vectors(), product);
        assertClose(CommonOps_DDRM.identity(n), product, bound);
    }

    private static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        var difference = CommonOps_DDRM.subtract(actual, expected, null);
        assertEquals(0, CommonOps_DDRM.elementMaxAbs(difference), tolerance);
    }
}
