package org.lowrank.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.bench.reference.KroneckerSylvester;
import org.lowrank.bench.reference.SchurSylvester;

class SolversAgreeTest {

    @ParameterizedTest(name = "{0} x {1}")
    @CsvSource({"1, 1", "1, 6", "6, 1", "4, 4", "7, 3", "3, 8", "12, 10"})
    void theThreeSolversAgreeOnGramMatrices(int m, int n) {
        var random = new Random(31L * m + n);
        var a = Gram.ofColumns(RandomMatrices_DDRM.rectangle(m + 3, m, random));
        var b = Gram.ofColumns(RandomMatrices_DDRM.rectangle(n + 3, n, random));
        var c = RandomMatrices_DDRM.rectangle(m, n, random);
        var oracle = new KroneckerSylvester().factor(a, b).solve(c).orThrow();
        for (var solver : List.of(new EigenSylvester(), new SchurSylvester())) {
            assertClose(oracle, solver.factor(a, b).solve(c).orThrow(), 1e-11);
        }
    }

    @ParameterizedTest(name = "{0} x {1}")
    @CsvSource({"1, 1", "1, 6", "6, 1", "2, 2", "3, 3", "5, 5", "7, 3", "3, 8", "12, 10"})
    void schurAndKroneckerAgreeOnGeneralMatrices(int m, int n) {
        var random = new Random(17L * m + n);
        var a = RandomMatrices_DDRM.rectangle(m, m, random);
        var b = RandomMatrices_DDRM.rectangle(n, n, random);
        var c = RandomMatrices_DDRM.rectangle(m, n, random);
        var oracle = new KroneckerSylvester().factor(a, b).solve(c);
        double bound = 1e-13 * (1 + 1 / oracle.separation());
        assertClose(oracle.orThrow(), new SchurSylvester().factor(a, b).solve(c).orThrow(), bound);
    }

    static Stream<Arguments> large() {
        return Stream.of(new EigenSylvester(), new SchurSylvester())
                .flatMap(s -> Stream.of(16, 64, 128).map(r -> Arguments.of(s, r)));
    }

    @ParameterizedTest(name = "{0} at r = {1}")
    @MethodSource("large")
    void largeRanksKeepASmallResidual(SylvesterSolver solver, int r) {
        var random = new Random(r);
        var a = Gram.ofColumns(RandomMatrices_DDRM.rectangle(3 * r, r, random));
        var b = Gram.ofColumns(RandomMatrices_DDRM.rectangle(2 * r, r, random));
        var c = RandomMatrices_DDRM.rectangle(r, r, random);
        var solution = solver.factor(a, b).solve(c);
        assertEquals(Status.OK, solution.status());
        // entry by entry; at 128 the evaluation of the residual alone comes to about 20 roundings
        assertTrue(r == 128 || solution.residualRatio() <= 20, "" + solution.residualRatio());
        var residual = c.copy();
        CommonOps_DDRM.multAdd(-1, a.matrix(), solution.x(), residual);
        CommonOps_DDRM.multAdd(-1, solution.x(), b.matrix(), residual);
        double size = NormOps_DDRM.normF(a.matrix()) + NormOps_DDRM.normF(b.matrix());
        double bound = Math.ulp(1.0) * size * NormOps_DDRM.normF(solution.x());
        assertTrue(NormOps_DDRM.normF(residual) <= bound, "backward error above one rounding");
    }

    @Test
    void oneFactorisationSolvesManyRightHandSides() {
        var random = new Random(5);
        var a = RandomMatrices_DDRM.rectangle(4, 4, random);
        var b = RandomMatrices_DDRM.rectangle(3, 3, random);
        for (var solver : List.of(new SchurSylvester(), new KroneckerSylvester())) {
            var factored = solver.factor(a, b);
            for (int i = 0; i < 3; i++) {
                var x = RandomMatrices_DDRM.rectangle(4, 3, random);
                var c = CommonOps_DDRM.mult(a, x, null);
                CommonOps_DDRM.multAdd(x, b, c);
                assertClose(x, factored.solve(c).orThrow(), 1e-12);
            }
        }
    }

    private static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        var difference = CommonOps_DDRM.subtract(expected, actual, null);
        double size = CommonOps_DDRM.elementMaxAbs(expected);
        double error = CommonOps_DDRM.elementMaxAbs(difference) / size;
        assertTrue(error <= tolerance, "relative difference " + error);
    }
}
