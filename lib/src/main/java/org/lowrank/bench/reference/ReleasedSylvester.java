package org.lowrank.bench.reference;

import org.ejml.data.Complex_F64;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.ZMatrixRMaj;
import org.ejml.dense.row.CommonOps_ZDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * AX + XB = C as the released code of LoRA-Pro solves it, written for EJML: general eigenvectors of
 * both coefficients, in complex arithmetic, although both are symmetric,
 *
 * <pre>
 *   X = U [ (U⁻¹ C V)ᵢⱼ / (aᵢ + bⱼ) ] V⁻¹
 * </pre>
 *
 * Only to be measured against.
 */
public final class ReleasedSylvester {

    private final int n;
    private final Complex_F64[] leftValues;
    private final Complex_F64[] rightValues;
    private final ZMatrixRMaj left;
    private final ZMatrixRMaj right;

    private ReleasedSylvester(DMatrixRMaj a, DMatrixRMaj b) {
        n = a.numRows;
        leftValues = new Complex_F64[n];
        rightValues = new Complex_F64[n];
        left = eigenvectors(a, leftValues);
        right = eigenvectors(b, rightValues);
    }

    /** X. */
    public static DMatrixRMaj solve(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c) {
        return new ReleasedSylvester(a, b).solve(c);
    }

    private static ZMatrixRMaj eigenvectors(DMatrixRMaj matrix, Complex_F64[] values) {
        int n = matrix.numRows;
        var decomposition = DecompositionFactory_DDRM.eig(n, true, false);
        if (!decomposition.decompose(matrix.copy())) {
            throw new ArithmeticException("the general eigenvalue iteration did not converge");
        }
        var vectors = new ZMatrixRMaj(n, n);
        for (int j = 0; j < n; j++) {
            values[j] = decomposition.getEigenvalue(j);
            var vector = decomposition.getEigenVector(j);
            if (vector == null) {
                throw new ArithmeticException("rounding made a real eigenvalue complex");
            }
            for (int i = 0; i < n; i++) {
                vectors.set(i, j, vector.get(i, 0), 0);
            }
        }
        return vectors;
    }

    private DMatrixRMaj solve(DMatrixRMaj c) {
        var middle = new ZMatrixRMaj(n, n);
        var work = new ZMatrixRMaj(n, n);
        CommonOps_ZDRM.mult(complex(c), right, work);
        CommonOps_ZDRM.solve(left, work, middle);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                divide(middle, i, j);
            }
        }
        CommonOps_ZDRM.mult(left, middle, work);
        var inverse = new ZMatrixRMaj(n, n);
        CommonOps_ZDRM.invert(right, inverse);
        CommonOps_ZDRM.mult(work, inverse, middle);
        var x = new DMatrixRMaj(n, n);
        for (int i = 0; i < n * n; i++) {
            x.data[i] = middle.data[2 * i];
        }
        return x;
    }

    private void divide(ZMatrixRMaj matrix, int i, int j) {
        var value = new Complex_F64();
        matrix.get(i, j, value);
        var quotient = value.divide(leftValues[i].plus(rightValues[j]));
        matrix.set(i, j, quotient.real, quotient.imaginary);
    }

    private static ZMatrixRMaj complex(DMatrixRMaj matrix) {
        var result = new ZMatrixRMaj(matrix.numRows, matrix.numCols);
        for (int i = 0; i < matrix.data.length; i++) {
            result.data[2 * i] = matrix.data[i];
        }
        return result;
    }
}
