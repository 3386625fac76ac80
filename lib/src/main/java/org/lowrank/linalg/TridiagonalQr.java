package org.lowrank.linalg;

import org.ejml.UtilEjml;

/**
 * The QR iteration on a symmetric tridiagonal matrix, with Wilkinson's shift.
 *
 * <p>EJML has one as well. This one gives up an entry beside the diagonal only when it is lost in
 * rounding beside its neighbours, which leaves a smaller residual where eigenvalues differ by many
 * powers of ten, and takes less time on the sizes of an adapter.
 *
 * <p>Source: Golub and Van Loan, Matrix Computations, section 8.3.
 */
final class TridiagonalQr {

    private static final int STEPS_AN_EIGENVALUE = 60;

    private final double[] d;
    private final double[] e;
    private final double[][] rows;

    private TridiagonalQr(double[] diagonal, double[] beside, double[][] rows) {
        d = diagonal;
        e = beside;
        this.rows = rows;
    }

    /**
     * T = G diag(values) Gᵀ.
     *
     * @param diagonal n values, overwritten with the eigenvalues, in no order
     * @param beside the values beside the diagonal, at least n - 1, overwritten
     * @param rows n rows R, overwritten with Gᵀ R: with Qᵀ for a matrix Q T Qᵀ, its eigenvectors
     * @return false if an eigenvalue took too many steps
     */
    static boolean diagonalise(double[] diagonal, double[] beside, double[][] rows) {
        return new TridiagonalQr(diagonal, beside, rows).converges();
    }

    private boolean converges() {
        int steps = 0;
        int last = d.length - 1;
        while (last > 0) {
            int first = last;
            while (first > 0 && !isSplit(first - 1)) {
                first--;
            }
            if (first == last) {
                last--;
                steps = 0;
            } else if (steps++ == STEPS_AN_EIGENVALUE) {
                return false;
            } else {
                step(first, last);
            }
        }
        return true;
    }

    /** Whether the matrix falls apart behind row k; an entry lost in rounding becomes 0. */
    private boolean isSplit(int k) {
        boolean lost = Math.abs(e[k]) <= UtilEjml.EPS * (Math.abs(d[k]) + Math.abs(d[k + 1]));
        if (lost) {
            e[k] = 0;
        }
        return lost;
    }

    /** An implicit QR step on the rows from first to last. */
    private void step(int first, int last) {
        double diagonal = d[first];
        double beside = e[first];
        double x = diagonal - shift(d[last - 1], e[last - 1], d[last]);
        double z = beside;
        for (int k = first; k < last; k++) {
            double r = Math.sqrt(x * x + z * z);
            double c = r == 0 ? 1 : x / r;
            double s = r == 0 ? 0 : z / r;
            rotate(rows[k], rows[k + 1], c, s);
            if (k > first) {
                e[k - 1] = r;
            }
            double next = d[k + 1];
            double upper = c * diagonal + s * beside;
            double cross = c * beside + s * next;
            d[k] = c * upper + s * cross;
            diagonal = c * (c * next - s * beside) - s * (c * beside - s * diagonal);
            x = c * cross - s * upper;
            if (k + 1 < last) {
                z = s * e[k + 1];
                beside = c * e[k + 1];
            }
        }
        d[last] = diagonal;
        e[last - 1] = x;
    }

    /** The eigenvalue of the trailing block (a, b; b, c) that is nearer to c. */
    private static double shift(double a, double b, double c) {
        double half = 0.5 * (a - c);
        double away = half + Math.copySign(Math.sqrt(half * half + b * b), half);
        return away == 0 ? c : c - b * (b / away);
    }

    /** (x, y) = (c x + s y, c y - s x). */
    private static void rotate(double[] x, double[] y, double c, double s) {
        for (int j = 0; j < x.length; j++) {
            double xj = x[j];
            double yj = y[j];
            x[j] = c * xj + s * yj;
            y[j] = c * yj - s * xj;
        }
    }
}
