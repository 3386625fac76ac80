package org.lowrank.linalg;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.decomposition.hessenberg.TridiagonalDecompositionHouseholder_DDRM;

/**
 * S = V diag(values) Vᵀ of a symmetric matrix.
 *
 * @param values eigenvalues, ascending
 * @param vectors orthonormal eigenvectors, one a column, in the order of the values
 */
public record SymmetricEigen(double[] values, DMatrixRMaj vectors) {

    /**
     * @throws DivergedException if an entry is not finite, or the iteration does not converge
     */
    public static SymmetricEigen of(DMatrixRMaj symmetric) {
        if (MatrixFeatures_DDRM.hasUncountable(symmetric)) {
            throw new DivergedException(
                    "eigenvalues asked of a matrix %s with a value that is not finite: %s"
                            .formatted(Shapes.of(symmetric), Status.NON_FINITE_INPUT.advice()));
        }
        return find(symmetric)
                .orElseThrow(
                        () ->
                                new DivergedException(
                                        "eigenvalues of a symmetric matrix "
                                                + Shapes.of(symmetric)
                                                + ": "
                                                + Status.NO_CONVERGENCE.advice()));
    }

    /** The decomposition of a finite matrix, or nothing if the iteration does not converge. */
    static Optional<SymmetricEigen> find(DMatrixRMaj symmetric) {
        int n = symmetric.numRows;
        if (n <= 1) {
            return Optional.of(
                    new SymmetricEigen(
                            Arrays.copyOf(symmetric.data, n), CommonOps_DDRM.identity(n)));
        }
        double scale = powerOfTwoBelow(CommonOps_DDRM.elementMaxAbs(symmetric));
        var scaled = new DMatrixRMaj(n, n);
        CommonOps_DDRM.scale(1 / scale, symmetric, scaled);
        var form = new TridiagonalDecompositionHouseholder_DDRM();
        form.decompose(scaled);
        var values = new double[n];
        var beside = new double[n];
        form.getDiagonal(values, beside);
        var vectors = rows(form.getQ(null, true));
        if (!TridiagonalQr.diagonalise(values, beside, vectors)) {
            return Optional.empty();
        }
        for (int i = 0; i < n; i++) {
            values[i] *= scale;
        }
        sort(values, vectors);
        return Optional.of(new SymmetricEigen(values, columns(vectors)));
    }

    private static void sort(double[] values, double[][] vectors) {
        for (int i = 1; i < values.length; i++) {
            double value = values[i];
            double[] vector = vectors[i];
            int at = i;
            for (; at > 0 && values[at - 1] > value; at--) {
                values[at] = values[at - 1];
                vectors[at] = vectors[at - 1];
            }
            values[at] = value;
            vectors[at] = vector;
        }
    }

    private static double[][] rows(DMatrixRMaj matrix) {
        int n = matrix.numCols;
        var rows = new double[matrix.numRows][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(matrix.data, i * n, (i + 1) * n);
        }
        return rows;
    }

    private static DMatrixRMaj columns(double[][] vectors) {
        int n = vectors.length;
        var matrix = new DMatrixRMaj(n, n);
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < n; i++) {
                matrix.data[i * n + j] = vectors[j][i];
            }
        }
        return matrix;
    }

    /**
     * V diag(f(values)) Vᵀ over the eigenvalues above {@code cut} times the largest; the others
     * contribute 0.
     *
     * @param cut relative, in [0, 1)
     */
    public DMatrixRMaj map(double cut, DoubleUnaryOperator f) {
        var scaled = new DMatrixRMaj(vectors.numRows, vectors.numCols);
        double[] mapped = mapValues(cut, f);
        for (int i = 0; i < vectors.numRows; i++) {
            for (int j = 0; j < vectors.numCols; j++) {
                scaled.set(i, j, vectors.get(i, j) * mapped[j]);
            }
        }
        var result = new DMatrixRMaj(vectors.numRows, vectors.numRows);
        CommonOps_DDRM.multTransB(scaled, vectors, result);
        return result;
    }

    /** f of each eigenvalue above {@code cut} times the largest, 0 for the others. */
    double[] mapValues(double cut, DoubleUnaryOperator f) {
        if (!(cut >= 0 && cut < 1)) {
            throw new IllegalArgumentException(
                    "the cut is relative to the largest eigenvalue and lies in [0, 1), not " + cut);
        }
        double smallest = values.length == 0 ? 0 : cut * Math.max(0, values[values.length - 1]);
        return Arrays.stream(values).map(v -> v > smallest ? f.applyAsDouble(v) : 0).toArray();
    }

    /** The power of two at or below a positive number, 1 for 0: scaling by it is exact. */
    public static double powerOfTwoBelow(double size) {
        return size == 0 ? 1 : Math.scalb(1.0, Math.max(Math.getExponent(size), -1000));
    }

    static void requireSymmetric(DMatrixRMaj matrix, String name, double tolerance) {
        double bound = tolerance * CommonOps_DDRM.elementMaxAbs(matrix);
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < i; j++) {
                if (Math.abs(matrix.get(i, j) - matrix.get(j, i)) > bound) {
                    throw new IllegalArgumentException(
                            "%s %s must be symmetric, but entry (%s, %s) is %s and its mirror is %s"
                                    .formatted(
                                            name,
                                            Shapes.of(matrix),
                                            i,
                                            j,
                                            matrix.get(i, j),
                                            matrix.get(j, i)));
                }
            }
        }
    }
}
