package org.lowrank.bench.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchurFormTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 9, 30, 80})
    void theSchurFormRebuildsTheMatrix(int n) {
        var matrix = RandomMatrices_DDRM.rectangle(n, n, new Random(n));
        var form = SchurForm.of(matrix).orElseThrow();
        assertTrue(MatrixFeatures_DDRM.isOrthogonal(form.q(), 1e-12));
        var rebuilt = CommonOps_DDRM.mult(form.q(), form.t(), null);
        assertClose(matrix, CommonOps_DDRM.multTransB(rebuilt, form.q(), null), 1e-12);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                boolean block =
                        j == i - 1
                                && (i + 1 == n || form.t().get(i + 1, i) == 0)
                                && (j == 0 || form.t().get(j, j - 1) == 0);
                assertTrue(block || form.t().get(i, j) == 0, "below the blocks: " + i + ", " + j);
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
