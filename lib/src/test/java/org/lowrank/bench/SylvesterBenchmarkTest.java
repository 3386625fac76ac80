package org.lowrank.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.bench.reference.DecimalMatrix;
import org.lowrank.bench.reference.ReferenceSylvester;
import org.lowrank.bench.reference.ReleasedSylvester;
import org.lowrank.bench.reference.ReleasedSylvesterInTorch;
import org.lowrank.linalg.Gram;

class SylvesterBenchmarkTest {

    @ParameterizedTest(name = "Gram condition {0}")
    @ValueSource(doubles = {1e2, 1e8, 1e13})
    void theReferenceHasAllDigits(double condition) {
        var random = new Random(4);
        double[] values = {1, Math.pow(condition, -0.25), Math.pow(condition, -0.5)};
        var a = Gram.ofColumns(RandomMatrices_DDRM.singular(6, 3, random, values));
        var b = Gram.ofColumns(RandomMatrices_DDRM.singular(6, 3, random, values));
        var c = RandomMatrices_DDRM.rectangle(3, 3, random);
        var exact =
                DecimalMatrix.sylvester(
                        DecimalMatrix.of(a.matrix()),
                        DecimalMatrix.of(b.matrix()),
                        DecimalMatrix.of(c));
        assertTrue(exact.relativeError(ReferenceSylvester.solve(a, b, c)) < 1e-15);
    }

    @Test
    void theReleasedMethodSolvesTheSameEquationInEjmlAndInPyTorch() {
        var random = new Random(5);
        var a = Gram.ofColumns(RandomMatrices_DDRM.rectangle(40, 9, -1, 1, random)).matrix();
        var b = Gram.ofColumns(RandomMatrices_DDRM.rectangle(40, 9, -1, 1, random)).matrix();
        var x = RandomMatrices_DDRM.rectangle(9, 9, -1, 1, random);
        var c = CommonOps_DDRM.mult(a, x, null);
        CommonOps_DDRM.multAdd(x, b, c);
        assertClose(x, ReleasedSylvester.solve(a, b, c));
        try (var torch = new ReleasedSylvesterInTorch()) {
            assertClose(x, torch.solve(a, b, c, 2));
        }
    }

    @Test
    void aRowHasTheErrorsOfOneProblem() {
        try (var torch = new ReleasedSylvesterInTorch()) {
            var row = SylvesterBenchmark.measure(4, 1e4, torch, 1);
            assertTrue(row.eigenError() < 1e-11, row.toString());
            assertTrue(row.releasedError() < 1e-11, row.toString());
            assertTrue(row.torchError() < 1e-11, row.toString());
        }
    }

    @Test
    void aBenchmarkWithoutAFolderSaysWhatIsMissing() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> SylvesterBenchmark.main(new String[0]));
        assertTrue(error.getMessage().contains("the folder"), error.getMessage());
    }

    private static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual) {
        var difference = CommonOps_DDRM.subtract(actual, expected, null);
        assertEquals(0, CommonOps_DDRM.elementMaxAbs(difference), 1e-12);
    }
}
