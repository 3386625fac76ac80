package org.lowrank.linalg;

import java.util.Optional;
import org.ejml.UtilEjml;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.hessenberg.HessenbergSimilarDecomposition_DDRM;

/**
 * M = Q T Qᵀ with Q orthogonal and T upper quasi-triangular: 1 x 1 blocks are real eigenvalues, 2 x
 * 2 blocks complex pairs.
 *
 * <p>Householder reduction to Hessenberg form, then the implicit double-shift QR iteration of
 * Francis with exceptional shifts (Golub and Van Loan, Matrix Computations, section 7.5). It is
 * written out here because neither library at hand gives the form away: EJML has the Hessenberg
 * reduction, and eigenvectors, but no T; commons-math has one in a class that is not public.
 *
 * @param q orthogonal (n, n)
 * @param t quasi-triangular (n, n), exact zeros below the blocks
 */
record RealSchur(DMatrixRMaj q, DMatrixRMaj t) {

    private static final int EXCEPTIONAL_SHIFT_EVERY = 10;

    /**
     * The form, or nothing if the iteration does not converge.
     *
     * @param matrix square and finite, not changed
     * @param iterations how many QR steps one eigenvalue may take
     */
    static Optional<RealSchur> of(DMatrixRMaj matrix, int iterations) {
        int n = matrix.numRows;
        if (n < 2) {
            return Optional.of(new RealSchur(CommonOps_DDRM.identity(n), matrix.copy()));
        }
        double scale = SymmetricEigen.powerOfTwoBelow(SylvesterEquation.maxAbs(matrix));
        var scaled = matrix.copy();
        CommonOps_DDRM.divide(scaled, scale);
        var form = hessenberg(scaled);
        if (!form.iterate(iterations)) {
            return Optional.empty();
        }
        CommonOps_DDRM.scale(scale, form.t);
        return Optional.of(form);
    }

    private static RealSchur hessenberg(DMatrixRMaj matrix) {
        if (matrix.numRows == 2) {
            return new RealSchur(CommonOps_DDRM.identity(2), matrix);
        }
        var reduction = new HessenbergSimilarDecomposition_DDRM(matrix.numRows);
        reduction.decompose(matrix);
        return new RealSchur(reduction.getQ(null), reduction.getH(null));
    }

    private boolean iterate(int limit) {
        int last = t.numRows - 1;
        int iteration = 0;
        while (last > 0) {
            int first = startOfBlock(last);
            if (first == last) {
                last--;
                iteration = 0;
            } else if (first == last - 1) {
                splitIfReal(first);
                last -= 2;
                iteration = 0;
            } else if (iteration++ == limit) {
                return false;
            } else {
                francisStep(first, last, iteration % EXCEPTIONAL_SHIFT_EVERY == 0);
            }
        }
        return true;
    }

    /** The first row of the unreduced block that ends at {@code last}. */
    private int startOfBlock(int last) {
        for (int k = last; k > 0; k--) {
            double size = Math.abs(t.get(k, k)) + Math.abs(t.get(k - 1, k - 1));
            if (size == 0) {
                size = 1; // the matrix is scaled to entries of at most 2
            }
            if (Math.abs(t.get(k, k - 1)) <= UtilEjml.EPS * size) {
                t.set(k, k - 1, 0);
                return k;
            }
        }
        return 0;
    }

    private void francisStep(int first, int last, boolean exceptional) {
        double sum = t.get(last - 1, last - 1) + t.get(last, last);
        double product =
                t.get(last - 1, last - 1) * t.get(last, last)
                        - t.get(last - 1, last) * t.get(last, last - 1);
        if (exceptional) {
            double size = Math.abs(t.get(last, last - 1)) + Math.abs(t.get(last - 1, last - 2));
            sum = 1.5 * size;
            product = size * size;
        }
        double t00 = t.get(first, first);
        double t10 = t.get(first + 1, first);
        double x = t00 * t00 + t.get(first, first + 1) * t10 - sum * t00 + product;
        double y = t10 * (t00 + t.get(first + 1, first + 1) - sum);
        double z = t10 * t.get(first + 2, first + 1);
        for (int k = first; k < last - 1; k++) {
            int from = Math.max(first, k - 1);
            reflect(k, 3, from, Math.min(k + 3, last), x, y, z);
            if (k > first) {
                t.set(k + 1, k - 1, 0);
                t.set(k + 2, k - 1, 0);
            }
            x = t.get(k + 1, k);
            y = t.get(k + 2, k);
            z = k < last - 2 ? t.get(k + 3, k) : 0;
        }
        reflect(last - 1, 2, last - 2, last, x, y, 0);
        t.set(last, last - 2, 0);
    }

    /**
     * The Householder reflection that takes (x, y, z) to a multiple of the first unit vector, on
     * rows and columns k, k + 1, .. of T, and on Q.
     */
    private void reflect(int k, int size, int fromColumn, int toRow, double x, double y, double z) {
        double largest = Math.max(Math.abs(x), Math.max(Math.abs(y), Math.abs(z)));
        if (largest == 0) {
            return;
        }
        double[] v = {x / largest, y / largest, z / largest};
        double norm = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        v[0] += Math.copySign(norm, v[0]);
        double beta = 2 / (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        for (int j = fromColumn; j < t.numCols; j++) {
            reflectColumn(t, k, j, size, v, beta);
        }
        for (int i = 0; i <= toRow; i++) {
            reflectRow(t, i, k, size, v, beta);
        }
        for (int i = 0; i < q.numRows; i++) {
            reflectRow(q, i, k, size, v, beta);
        }
    }

    private static void reflectColumn(
            DMatrixRMaj m, int row, int column, int size, double[] v, double beta) {
        double dot = 0;
        for (int p = 0; p < size; p++) {
            dot += v[p] * m.get(row + p, column);
        }
        for (int p = 0; p < size; p++) {
            m.add(row + p, column, -beta * dot * v[p]);
        }
    }

    private static void reflectRow(
            DMatrixRMaj m, int row, int column, int size, double[] v, double beta) {
        double dot = 0;
        for (int p = 0; p < size; p++) {
            dot += v[p] * m.get(row, column + p);
        }
        for (int p = 0; p < size; p++) {
            m.add(row, column + p, -beta * dot * v[p]);
        }
    }

    /** A 2 x 2 block with real eigenvalues becomes two of size 1, by one rotation. */
    private void splitIfReal(int k) {
        double half = 0.5 * (t.get(k, k) - t.get(k + 1, k + 1));
        double discriminant = half * half + t.get(k, k + 1) * t.get(k + 1, k);
        if (discriminant < 0) {
            return;
        }
        // (λ - t₁₁, t₁₀) is an eigenvector for the eigenvalue λ farther from t₁₁
        double offset = half + Math.copySign(Math.sqrt(discriminant), half);
        reflect(k, 2, k, k + 1, offset, t.get(k + 1, k), 0);
        t.set(k + 1, k, 0);
    }
}
