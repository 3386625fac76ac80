package org.lowrank.bench.reference;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.linalg.FactoredSylvester;
import org.lowrank.linalg.Solution;
import org.lowrank.linalg.Status;
import org.lowrank.linalg.SylvesterEquation;
import org.lowrank.linalg.SylvesterSolver;
import org.lowrank.linalg.SymmetricEigen;

/**
 * AX + XB = C for general real A and B, by the method of Bartels and Stewart: with the real Schur
 * forms A = U S Uᵀ and B = V T Vᵀ the equation is S Y + Y T = Uᵀ C V, solved block by block, and X
 * = U Y Vᵀ. It needs no symmetry and no eigenvectors. In the singular case it gives no X.
 *
 * <p>Source: Bartels and Stewart, Solution of the matrix equation AX + XB = C, CACM 15 (1972).
 */
public final class SchurSylvester implements SylvesterSolver {

    @Override
    public FactoredSylvester factor(DMatrixRMaj a, DMatrixRMaj b) {
        var equation = new SylvesterEquation(a, b);
        if (!equation.isFinite()) {
            return equation.refused(Status.NON_FINITE_INPUT);
        }
        double scale = SymmetricEigen.powerOfTwoBelow(equation.size());
        var left = SchurForm.of(divided(a, scale));
        var right = SchurForm.of(divided(b, scale));
        if (left.isEmpty() || right.isEmpty()) {
            return equation.refused(Status.NO_CONVERGENCE);
        }
        return new Factored(equation, left.get(), right.get(), scale);
    }

    @Override
    public String toString() {
        return "SchurSylvester";
    }

    private static DMatrixRMaj divided(DMatrixRMaj matrix, double scale) {
        var result = matrix.copy();
        CommonOps_DDRM.divide(result, scale);
        return result;
    }

    /** The smallest |σᵢ + τⱼ| over the eigenvalues of S and T; infinite if one is empty. */
    private static double separation(DMatrixRMaj s, DMatrixRMaj t) {
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

    /**
     * S Y + Y T = F for quasi-triangular S and T: columns of blocks from left to right, in each the
     * blocks from the bottom up; a block is a system of 1, 2 or 4 unknowns. Turns F into Y; a
     * singular block leaves values that are not finite.
     */
    private static void solveInPlace(DMatrixRMaj s, DMatrixRMaj t, DMatrixRMaj f) {
        for (int j = 0; j < t.numRows; j += blockSize(t, j)) {
            int columns = blockSize(t, j);
            int end = s.numRows;
            while (end > 0) {
                int rows = end > 1 && s.get(end - 1, end - 2) != 0 ? 2 : 1;
                int i = end - rows;
                eliminate(s, t, f, i, j, rows, columns);
                solveBlock(s, t, f, i, j, rows, columns);
                end = i;
            }
        }
    }

    /** Takes what is known already to the right-hand side of block (i, j). */
    private static void eliminate(
            DMatrixRMaj s, DMatrixRMaj t, DMatrixRMaj f, int i, int j, int rows, int columns) {
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

    private static void solveBlock(
            DMatrixRMaj s, DMatrixRMaj t, DMatrixRMaj f, int i, int j, int rows, int columns) {
        int n = rows * columns;
        var system = new DMatrixRMaj(n, n);
        var right = new DMatrixRMaj(n, 1);
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q < columns; q++) {
                int row = p * columns + q;
                for (int k = 0; k < rows; k++) {
                    system.add(row, k * columns + q, s.get(i + p, i + k));
                }
                for (int k = 0; k < columns; k++) {
                    system.add(row, p * columns + k, t.get(j + k, j + q));
                }
                right.set(row, f.get(i + p, j + q));
            }
        }
        var y = new DMatrixRMaj(n, 1);
        if (!CommonOps_DDRM.solve(system, right, y)) {
            CommonOps_DDRM.fill(y, Double.NaN); // a singular block
        }
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q < columns; q++) {
                f.set(i + p, j + q, y.get(p * columns + q));
            }
        }
    }

    /** Coefficients and right-hand side are scaled to a size of about 1, so nothing overflows. */
    private record Factored(
            SylvesterEquation equation, SchurForm left, SchurForm right, double scale)
            implements FactoredSylvester {

        @Override
        public Solution solve(DMatrixRMaj c) {
            equation.requireShape(c);
            double separation = separation(left.t(), right.t()) * scale;
            if (MatrixFeatures_DDRM.hasUncountable(c)) {
                return equation.unsolved(Status.NON_FINITE_INPUT, separation);
            }
            if (separation <= equation.singularBelow()) {
                return equation.unsolved(Status.SINGULAR, separation);
            }
            return equation.solved(c, this::attempt, false, separation);
        }

        private DMatrixRMaj attempt(DMatrixRMaj c) {
            double size = SymmetricEigen.powerOfTwoBelow(SylvesterEquation.maxAbs(c));
            var y = divided(c, size);
            var work = new DMatrixRMaj(c.numRows, c.numCols);
            CommonOps_DDRM.multTransA(left.q(), y, work);
            CommonOps_DDRM.mult(work, right.q(), y);
            solveInPlace(left.t(), right.t(), y);
            CommonOps_DDRM.mult(left.q(), y, work);
            CommonOps_DDRM.multTransB(work, right.q(), y);
            CommonOps_DDRM.scale(size, y);
            CommonOps_DDRM.divide(y, scale);
            return y;
        }
    }
}
