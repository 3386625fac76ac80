package org.lowrank.linalg;

import org.ejml.data.DMatrixRMaj;

/**
 * S Y + Y T = F for quasi-triangular S and T: columns of blocks from left to right, in each the
 * blocks from the bottom up; a block is a system of 1, 2 or 4 unknowns.
 */
record QuasiTriangularSylvester(DMatrixRMaj s, DMatrixRMaj t) {

    /** The smallest |σᵢ + τⱼ| over the eigenvalues of S and T; infinite if one is empty. */
    double separation() {
        double[][] left = eigenvalues(s);
        double[][] right = eigenvalues(t);
        double smallest = Double.POSITIVE_INFINITY;
        for (double[] a : left) {
            for (double[] b : right) {
                smallest = Math.min(smallest, Math.hypot(a[0] + b[0], a[1] + b[1]));
            }
        }
        return smallest;
    }

    /** Real and imaginary part of each. */
    private static double[][] eigenvalues(DMatrixRMaj m) {
        var values = new double[m.numRows][];
        for (int i = 0; i < m.numRows; i += blockSize(m, i)) {
            if (blockSize(m, i) == 1) {
                values[i] = new double[] {m.get(i, i), 0};
            } else {
                double half = 0.5 * (m.get(i, i) - m.get(i + 1, i + 1));
                double mean = m.get(i + 1, i + 1) + half;
                double square = half * half + m.get(i, i + 1) * m.get(i + 1, i);
                double imaginary = Math.sqrt(Math.max(0, -square));
                values[i] = new double[] {mean, imaginary};
                values[i + 1] = new double[] {mean, -imaginary};
            }
        }
        return values;
    }

    private static int blockSize(DMatrixRMaj m, int i) {
        return i + 1 < m.numRows && m.get(i + 1, i) != 0 ? 2 : 1;
    }

    /** Turns F into Y; a singular block leaves values that are not finite. */
    void solveInPlace(DMatrixRMaj f) {
        for (int j = 0; j < t.numRows; j += blockSize(t, j)) {
            int columns = blockSize(t, j);
            int end = s.numRows;
            while (end > 0) {
                int rows = end > 1 && s.get(end - 1, end - 2) != 0 ? 2 : 1;
                int i = end - rows;
                eliminate(f, i, j, rows, columns);
                solveBlock(f, i, j, rows, columns);
                end = i;
            }
        }
    }

    /** Takes what is known already to the right-hand side of block (i, j). */
    private void eliminate(DMatrixRMaj f, int i, int j, int rows, int columns) {
        for (int row = i; row < i + rows; row++) {
            for (int column = j; column < j + columns; column++) {
                double sum = f.get(row, column);
                for (int k = i + rows; k < s.numRows; k++) {
                    sum -= s.get(row, k) * f.get(k, column);
                }
                for (int k = 0; k < j; k++) {
                    sum -= f.get(row, k) * t.get(k, column);
                }
                f.set(row, column, sum);
            }
        }
    }

    private void solveBlock(DMatrixRMaj f, int i, int j, int rows, int columns) {
        int n = rows * columns;
        var system = new double[n][n + 1];
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q < columns; q++) {
                double[] equation = system[p * columns + q];
                for (int k = 0; k < rows; k++) {
                    equation[k * columns + q] += s.get(i + p, i + k);
                }
                for (int k = 0; k < columns; k++) {
                    equation[p * columns + k] += t.get(j + k, j + q);
                }
                equation[n] = f.get(i + p, j + q);
            }
        }
        double[] y = SmallSystem.solve(system);
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q < columns; q++) {
                f.set(i + p, j + q, y[p * columns + q]);
            }
        }
    }
}
