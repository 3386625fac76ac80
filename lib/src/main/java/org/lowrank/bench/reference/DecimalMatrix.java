package org.lowrank.bench.reference;

import org.ejml.data.DMatrixRMaj;
import org.hipparchus.dfp.Dfp;
import org.hipparchus.dfp.DfpField;
import org.hipparchus.linear.Array2DRowFieldMatrix;
import org.hipparchus.linear.FieldLUDecomposition;
import org.hipparchus.linear.FieldMatrix;

/**
 * A small matrix in 60 decimal digits: what the solvers are judged by where float64 itself is in
 * doubt. Thousands of times slower than float64; for a few dozen rows, never for training.
 */
public final class DecimalMatrix {

    private static final DfpField FIELD = new DfpField(60);

    private final FieldMatrix<Dfp> values;

    private DecimalMatrix(FieldMatrix<Dfp> values) {
        this.values = values;
    }

    /**
     * The same numbers; every finite double has few enough digits to be kept nearly or quite
     * exactly.
     */
    public static DecimalMatrix of(DMatrixRMaj matrix) {
        var copy = zeros(matrix.numRows, matrix.numCols);
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < matrix.numCols; j++) {
                copy.setEntry(i, j, FIELD.newDfp(matrix.get(i, j)));
            }
        }
        return new DecimalMatrix(copy);
    }

    private static FieldMatrix<Dfp> zeros(int rows, int columns) {
        return new Array2DRowFieldMatrix<>(FIELD, rows, columns);
    }

    public DecimalMatrix times(DecimalMatrix other) {
        return new DecimalMatrix(values.multiply(other.values));
    }

    public DecimalMatrix times(double factor) {
        return new DecimalMatrix(values.scalarMultiply(FIELD.newDfp(factor)));
    }

    public DecimalMatrix transpose() {
        return new DecimalMatrix(values.transpose());
    }

    /**
     * @throws ArithmeticException if the matrix is singular in 60 digits
     */
    public DecimalMatrix inverse() {
        var solver = new FieldLUDecomposition<>(values).getSolver();
        if (!solver.isNonSingular()) {
            throw new ArithmeticException("the matrix is singular, even in 60 decimal digits");
        }
        return new DecimalMatrix(solver.getInverse());
    }

    /**
     * X of AX + XB = C, from the system (A ⊗ Iₙ + Iₘ ⊗ Bᵀ) vec(X) = vec(C), vec by rows.
     *
     * @throws ArithmeticException if A and -B share an eigenvalue
     */
    public static DecimalMatrix sylvester(DecimalMatrix a, DecimalMatrix b, DecimalMatrix c) {
        int m = a.values.getRowDimension();
        int n = b.values.getRowDimension();
        var system = zeros(m * n, m * n);
        var right = zeros(m * n, 1);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int row = i * n + j;
                right.setEntry(row, 0, c.values.getEntry(i, j));
                for (int k = 0; k < m; k++) {
                    system.addToEntry(row, k * n + j, a.values.getEntry(i, k));
                }
                for (int k = 0; k < n; k++) {
                    system.addToEntry(row, i * n + k, b.values.getEntry(k, j));
                }
            }
        }
        var solver = new FieldLUDecomposition<>(system).getSolver();
        if (!solver.isNonSingular()) {
            throw new ArithmeticException(
                    "A and -B share an eigenvalue, even in 60 decimal digits");
        }
        var vector = solver.solve(right);
        var x = zeros(m, n);
        for (int i = 0; i < m * n; i++) {
            x.setEntry(i / n, i % n, vector.getEntry(i, 0));
        }
        return new DecimalMatrix(x);
    }

    /** max |x - this| / max |this|, entry-wise maxima: how wrong a float64 result is. */
    public double relativeError(DMatrixRMaj x) {
        var largest = FIELD.getZero();
        var worst = FIELD.getZero();
        for (int i = 0; i < x.numRows; i++) {
            for (int j = 0; j < x.numCols; j++) {
                var exact = values.getEntry(i, j);
                var error = FIELD.newDfp(x.get(i, j)).subtract(exact).abs();
                worst = error.greaterThan(worst) || error.isNaN() ? error : worst;
                largest = exact.abs().greaterThan(largest) ? exact.abs() : largest;
            }
        }
        return worst.divide(largest).toDouble();
    }

    /** Rounded to float64. */
    public DMatrixRMaj toDouble() {
        var matrix = new DMatrixRMaj(values.getRowDimension(), values.getColumnDimension());
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < matrix.numCols; j++) {
                matrix.set(i, j, values.getEntry(i, j).toDouble());
            }
        }
        return matrix;
    }
}
