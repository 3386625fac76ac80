package org.lowrank.rule;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.lowrank.linalg.Gram;

/** A pair, its full gradient g and the LoRA gradients s Bᵀg and s gAᵀ, as plain matrices. */
record RandomPair(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj g, double scaling) {

    /** Directions for both factors. */
    record Directions(DMatrixRMaj gradA, DMatrixRMaj gradB) {}

    /** Shapes with r = 1, r = min(m, n), m below and above n; three seeds each. */
    static Stream<RandomPair> many() {
        int[][] shapes = {
            {1, 1, 1},
            {5, 1, 1},
            {1, 4, 1},
            {6, 5, 2},
            {5, 6, 2},
            {4, 4, 4},
            {4, 7, 4},
            {7, 4, 4},
            {12, 30, 8},
            {30, 12, 1},
            {40, 25, 16}
        };
        return Stream.of(shapes)
                .flatMap(s -> Stream.of(1, 2, 3).map(seed -> of(s[0], s[1], s[2], seed)));
    }

    static RandomPair of(int m, int n, int r, long seed) {
        var random = new Random(1000 * seed + 100L * m + 10L * n + r);
        double scaling = new double[] {0.5, 1, 2}[(int) (seed % 3)];
        return new RandomPair(
                conditioned(r, n, random),
                conditioned(m, r, random),
                gaussian(m, n, random),
                scaling);
    }

    /** A factor with singular values from 0.1 to 1: the condition of its Gram matrix is 100. */
    private static DMatrixRMaj conditioned(int rows, int columns, Random random) {
        int r = Math.min(rows, columns);
        var values = new double[r];
        for (int i = 0; i < r; i++) {
            values[i] = r == 1 ? 1 : Math.pow(10, -(double) i / (r - 1));
        }
        return RandomMatrices_DDRM.singular(rows, columns, random, values);
    }

    static DMatrixRMaj gaussian(int rows, int columns, Random random) {
        var matrix = new DMatrixRMaj(rows, columns);
        RandomMatrices_DDRM.fillGaussian(matrix, 0, 1, random);
        return matrix;
    }

    int rank() {
        return a.numRows;
    }

    RandomPair withFactors(DMatrixRMaj newA, DMatrixRMaj newB) {
        return new RandomPair(newA, newB, g, scaling);
    }

    RandomPair withGradient(DMatrixRMaj gradient) {
        return new RandomPair(a, b, gradient, scaling);
    }

    /** (R A, B R⁻¹): another factorisation of the same product. */
    RandomPair changedBasis(DMatrixRMaj basis) {
        var inverse = basis.copy();
        CommonOps_DDRM.invert(inverse);
        return withFactors(product(basis, a), product(b, inverse));
    }

    DMatrixRMaj rawA() {
        var raw = CommonOps_DDRM.multTransA(b, g, null);
        CommonOps_DDRM.scale(scaling, raw);
        return raw;
    }

    DMatrixRMaj rawB() {
        var raw = CommonOps_DDRM.multTransB(g, a, null);
        CommonOps_DDRM.scale(scaling, raw);
        return raw;
    }

    PairGrams grams() {
        return new PairGrams(
                Gram.ofRows(a),
                Gram.ofColumns(b),
                CommonOps_DDRM.multTransB(rawA(), a, null),
                CommonOps_DDRM.multTransA(b, rawB(), null),
                scaling);
    }

    Directions directions(GradientRule rule) {
        var c = rule.coefficients(grams());
        var gradA = product(c.leftA(), rawA());
        CommonOps_DDRM.multAdd(c.mixA(), a, gradA);
        var gradB = product(rawB(), c.rightB());
        CommonOps_DDRM.multAdd(b, c.mixB(), gradB);
        return new Directions(gradA, gradB);
    }

    /** s B gᴬ + s gᴮ A. */
    DMatrixRMaj equivalent(Directions d) {
        var sum = product(b, d.gradA());
        CommonOps_DDRM.multAdd(d.gradB(), a, sum);
        CommonOps_DDRM.scale(scaling, sum);
        return sum;
    }

    /** The product B A after a step of size eta. */
    DMatrixRMaj productAfter(Directions d, double eta) {
        return product(
                CommonOps_DDRM.add(b, -eta, d.gradB(), null),
                CommonOps_DDRM.add(a, -eta, d.gradA(), null));
    }

    /** P_B, from an orthonormal basis of the columns of B by QR. */
    DMatrixRMaj projectionB() {
        return projection(b);
    }

    /** P_A, from an orthonormal basis of the rows of A by QR. */
    DMatrixRMaj projectionA() {
        return projection(CommonOps_DDRM.transpose(a, null));
    }

    private static DMatrixRMaj projection(DMatrixRMaj columns) {
        var qr = DecompositionFactory_DDRM.qr(columns.numRows, columns.numCols);
        qr.decompose(columns.copy());
        var q = qr.getQ(null, true);
        return CommonOps_DDRM.multTransB(q, q, null);
    }

    static DMatrixRMaj product(DMatrixRMaj x, DMatrixRMaj y) {
        return CommonOps_DDRM.mult(x, y, null);
    }

    static double distance(DMatrixRMaj x, DMatrixRMaj y) {
        return NormOps_DDRM.normF(CommonOps_DDRM.subtract(x, y, null));
    }

    @Override
    public String toString() {
        return b.numRows + " x " + a.numCols + ", r = " + rank() + ", s = " + scaling;
    }

    static void assertClose(DMatrixRMaj expected, DMatrixRMaj actual, double tolerance) {
        double error = distance(expected, actual) / NormOps_DDRM.normF(expected);
        assertTrue(error <= tolerance, "relative distance " + error);
    }
}
