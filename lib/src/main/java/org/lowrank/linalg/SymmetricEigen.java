package org.lowrank.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/**
 * S = V diag(values) Vᵀ of a symmetric matrix.
 *
 * @param values eigenvalues, ascending
 * @param vectors orthonormal eigenvectors, one a column, in the order of the values
 */
public record SymmetricEigen(double[] values, DMatrixRMaj vectors) {

    /**
     * @throws ArithmeticException if an entry is not finite or the iteration does not converge
     */
    public static SymmetricEigen of(DMatrixRMaj symmetric) {
        if (MatrixFeatures_DDRM.hasUncountable(symmetric)) {
            throw new ArithmeticException(
                    "eigenvalues asked of a matrix "
                            + Shapes.of(symmetric)
                            + " with a value that is not finite: "
                            + Status.NON_FINITE_INPUT.advice());
        }
        return find(symmetric)
                .orElseThrow(
                        () ->
                                new ArithmeticException(
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
        var scaled = symmetric.copy();
        CommonOps_DDRM.divide(scaled, scale);
        var decomposition = DecompositionFactory_DDRM.eig(n, true, true);
        if (!decomposition.decompose(scaled)) {
            return Optional.empty();
        }
        return Optional.of(
                sorted(
                        n,
                        i -> decomposition.getEigenvalue(i).real * scale,
                        decomposition::getEigenVector));
    }

    private static SymmetricEigen sorted(
            int n, IntToDoubleFunction value, IntFunction<DMatrixRMaj> vector) {
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble(value::applyAsDouble))
                        .mapToInt(Integer::intValue)
                        .toArray();
        var vectors = new DMatrixRMaj(n, n);
        for (int j = 0; j < n; j++) {
            CommonOps_DDRM.insert(vector.apply(order[j]), vectors, 0, j);
        }
        return new SymmetricEigen(Arrays.stream(order).mapToDouble(value).toArray(), vectors);
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
    static double powerOfTwoBelow(double size) {
        return size == 0 ? 1 : Math.scalb(1.0, Math.max(Math.getExponent(size), -1000));
    }

    static void requireSymmetric(DMatrixRMaj matrix, String name, double tolerance) {
        double bound = tolerance * CommonOps_DDRM.elementMaxAbs(matrix);
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < i; j++) {
                if (Math.abs(matrix.get(i, j) - matrix.get(j, i)) > bound) {
                    throw new IllegalArgumentException(
                            name
                                    + " "
                                    + Shapes.of(matrix)
                                    + " must be symmetric, but entry ("
                                    + i
                                    + ", "
                                    + j
                                    + ") is "
                                    + matrix.get(i, j)
                                    + " and its mirror is "
                                    + matrix.get(j, i));
                }
            }
        }
    }
}
