package org.lowrank.bench.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.Gram;

class DecimalMatrixTest {

    /** The inverse of a Hilbert matrix has integer entries; of size 8 its condition is 1.5e10. */
    @Test
    void theInverseOfAHilbertMatrixOfExactEntriesIsRightToTheLastDigit() {
        // times 840 the entries 1/(i+j+1) of the 4 x 4 matrix are integers, so exact in a double
        var scaled = new DMatrixRMaj(4, 4);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                scaled.set(i, j, 840.0 / (i + j + 1));
            }
        }
        var inverse = DecimalMatrix.of(scaled).inverse().times(840).toDouble();
        double[][] exact = {
            {16, -120, 240, -140},
            {-120, 1200, -2700, 1680},
            {240, -2700, 6480, -4200},
            {-140, 1680, -4200, 2800}
        };
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertEquals(exact[i][j], inverse.get(i, j), 0, i + ", " + j);
            }
        }
    }

    /** diag(1e-20, 1) X + X diag(1e-20, 2) = C by hand: x_ij = c_ij / (a_i + b_j). */
    @Test
    void aNearlySingularSylvesterEquationIsSolvedWhereFloat64Is20DigitsOff() {
        var a = CommonOps_DDRM.diag(1e-20, 1);
        var b = CommonOps_DDRM.diag(1e-20, 2);
        var c = new DMatrixRMaj(new double[][] {{2, 4}, {3, 9}});
        var x =
                DecimalMatrix.sylvester(
                        DecimalMatrix.of(a), DecimalMatrix.of(b), DecimalMatrix.of(c));
        var rounded = x.toDouble();
        assertEquals(1e20, rounded.get(0, 0), 1e5);
        assertEquals(2, rounded.get(0, 1), 1e-15);
        assertEquals(3, rounded.get(1, 0), 1e-15);
        assertEquals(3, rounded.get(1, 1), 1e-15);
        assertTrue(x.relativeError(rounded) < 1e-15);
    }

    @Test
    void itAgreesWithTheEigenvalueSolverOnAWellConditionedEquation() {
        var random = new Random(4);
        var a = Gram.ofColumns(RandomMatrices_DDRM.rectangle(20, 3, random));
        var b = Gram.ofRows(RandomMatrices_DDRM.rectangle(3, 20, random));
        var c = RandomMatrices_DDRM.rectangle(3, 3, random);
        var exact =
                DecimalMatrix.sylvester(
                        DecimalMatrix.of(a.matrix()),
                        DecimalMatrix.of(b.matrix()),
                        DecimalMatrix.of(c));
        var x = new EigenSylvester().factor(a, b).solve(c).orThrow();
        assertTrue(exact.relativeError(x) < 1e-13);
        CommonOps_DDRM.scale(1.5, x);
        assertEquals(0.5, exact.relativeError(x), 1e-12);
    }

    @Test
    void aSingularMatrixAndASharedEigenvalueAreRefused() {
        var ones = DecimalMatrix.of(new DMatrixRMaj(new double[][] {{1, 1}, {1, 1}}));
        assertThrows(ArithmeticException.class, ones::inverse);
        var one = DecimalMatrix.of(CommonOps_DDRM.diag(1, 2));
        assertThrows(
                ArithmeticException.class, () -> DecimalMatrix.sylvester(one, one.times(-1), ones));
    }
}
