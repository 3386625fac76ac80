package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.hipparchus.FieldElement;
import org.hipparchus.fraction.BigFraction;
import org.hipparchus.fraction.BigFractionField;
import org.hipparchus.linear.Array2DRowFieldMatrix;
import org.hipparchus.linear.FieldMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lowrank.bench.reference.KroneckerSylvester;
import org.lowrank.bench.reference.SchurSylvester;
import org.lowrank.golden.GoldenFiles;

/**
 * Example 4.1 of the CTLEX collection (Kressner, Mehrmann, Penzl 1999): AᵀX + XA = Y with a
 * solution known in closed form, here in exact fractions. Larger s and r make it ill-conditioned.
 */
class CtlexTest {

    private static final double EPS = Math.ulp(1.0) / 2;

    private record Example(
            FieldMatrix<BigFraction> a, FieldMatrix<BigFraction> x, FieldMatrix<BigFraction> y) {

        static Example of(int n, BigFraction r, BigFraction s) {
            var h1 = reflection(n, false);
            var h2 = reflection(n, true);
            var scale = diagonal(n, s);
            var unscale = diagonal(n, s.reciprocal());
            var spectrum = diagonal(n, r).scalarMultiply(BigFraction.MINUS_ONE);
            var a = product(h2, scale, h1, spectrum, h1, unscale, h2);
            var inner = zeros(n, n);
            var b = zeros(1, n);
            for (int i = 0; i < n; i++) {
                b.setEntry(0, i, new BigFraction(i + 1 - n - 1).divide(s.pow(i)));
                for (int j = 0; j < n; j++) {
                    var over = r.pow(i).add(r.pow(j));
                    inner.setEntry(i, j, new BigFraction((i + 1) * (j + 1)).divide(over));
                }
            }
            var x = product(h2, unscale, h1, inner, h1, unscale, h2);
            var row = b.multiply(h2);
            var y = row.transpose().multiply(row).scalarMultiply(BigFraction.MINUS_ONE);
            return new Example(a, x, y);
        }
    }

    @ParameterizedTest(name = "n = {0}, r = {1}/2, s = {2}/2")
    @CsvSource({"1, 3, 3", "4, 3, 3", "5, 3, 3", "8, 3, 3", "10, 3, 2", "6, 2, 4", "6, 4, 3"})
    void theExactSolutionIsFound(int n, int twiceR, int twiceS) {
        var example = Example.of(n, new BigFraction(twiceR, 2), new BigFraction(twiceS, 2));
        var right = doubles(example.a());
        var left = CommonOps_DDRM.transpose(right, null);
        double condition = KroneckerSingularValues.of(left, right).condition();
        for (var solver : Stream.of(new SchurSylvester(), new KroneckerSylvester()).toList()) {
            var solution = solver.factor(left, right).solve(doubles(example.y()));
            var found = solution.orThrow();
            assertTrue(solution.residualRatio() <= 20, "ratio " + solution.residualRatio());
            var expected = doubles(example.x());
            CommonOps_DDRM.subtractEquals(found, expected);
            double error =
                    CommonOps_DDRM.elementMaxAbs(found) / CommonOps_DDRM.elementMaxAbs(expected);
            assertTrue(error <= 10 * EPS * condition, error + " at condition " + condition);
        }
    }

    @Test
    void theExampleHasThePublishedEntries() {
        var shared = GoldenFiles.shared("sylvester_cases.json");
        assumeTrue(
                shared.isPresent(),
                "shared golden/sylvester_cases.json is not here: CTLEX anchors were not checked");
        var anchors = shared.get().get("ctlex_4_1").get("n5_r1p5_s1p5");
        var example = Example.of(5, new BigFraction(3, 2), new BigFraction(3, 2));
        for (int j = 0; j < 5; j++) {
            assertEquals(
                    anchors.get("A_row1").get(j).asDouble(),
                    example.a().getEntry(0, j).doubleValue(),
                    1e-4);
            assertEquals(
                    anchors.get("X_row1").get(j).asDouble(),
                    example.x().getEntry(0, j).doubleValue(),
                    1e-4);
            assertEquals(
                    anchors.get("Y_row1").get(j).asDouble(),
                    example.y().getEntry(0, j).doubleValue(),
                    1e-4);
        }
    }

    /** I - (2/n) e eᵀ with e of ones, or of alternating signs. */
    private static FieldMatrix<BigFraction> reflection(int n, boolean alternating) {
        var h = zeros(n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                int sign = alternating && (i + j) % 2 == 1 ? -1 : 1;
                h.setEntry(i, j, new BigFraction((i == j ? n : 0) - 2 * sign, n));
            }
        }
        return h;
    }

    private static FieldMatrix<BigFraction> diagonal(int n, BigFraction base) {
        var d = zeros(n, n);
        for (int i = 0; i < n; i++) {
            d.setEntry(i, i, base.pow(i));
        }
        return d;
    }

    private static FieldMatrix<BigFraction> zeros(int rows, int columns) {
        return new Array2DRowFieldMatrix<>(BigFractionField.getInstance(), rows, columns);
    }

    @SafeVarargs
    private static <T extends FieldElement<T>> FieldMatrix<T> product(
            FieldMatrix<T> first, FieldMatrix<T>... others) {
        var result = first;
        for (var other : others) {
            result = result.multiply(other);
        }
        return result;
    }

    private static DMatrixRMaj doubles(FieldMatrix<BigFraction> matrix) {
        var result = new DMatrixRMaj(matrix.getRowDimension(), matrix.getColumnDimension());
        for (int i = 0; i < result.numRows; i++) {
            for (int j = 0; j < result.numCols; j++) {
                result.set(i, j, matrix.getEntry(i, j).doubleValue());
            }
        }
        return result;
    }
}
