package org.lowrank.adapter.init;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;

/**
 * PEFT's orthogonal start: with a random orthogonal Q (r, r), Aᵀ = X Q_odd / 10 and B = Y Q_even /
 * 10, where X (in, r/2) and Y (out, r/2) are standard normal and Q_odd, Q_even are every other row
 * of Q. Neither factor is zero, but BA = 0, as rows of Q are orthogonal. r must be even.
 */
public record Orthogonal() implements Initialization {

    private static final double SHRINK = 0.1;

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        if (rank % 2 != 0) {
            throw new IllegalArgumentException(
                    path
                            + ": the orthogonal start gives each factor half of the rank, which must"
                            + " be even, not "
                            + rank);
        }
        var source = new Random(context.random(path).nextLong());
        var q = RandomMatrices_DDRM.orthogonal(rank, rank, source);
        var a = new DMatrixRMaj(rank, (int) layer.in());
        var x = gaussian((int) layer.in(), rank / 2, source);
        CommonOps_DDRM.multTransAB(SHRINK, everyOther(q, 0), x, a);
        var b = new DMatrixRMaj((int) layer.out(), rank);
        var y = gaussian((int) layer.out(), rank / 2, source);
        CommonOps_DDRM.mult(SHRINK, y, everyOther(q, 1), b);
        return new Start(floats(a), floats(b));
    }

    private static DMatrixRMaj gaussian(int rows, int columns, Random source) {
        var matrix = new DMatrixRMaj(rows, columns);
        RandomMatrices_DDRM.fillGaussian(matrix, 0, 1, source);
        return matrix;
    }

    private static DMatrixRMaj everyOther(DMatrixRMaj q, int first) {
        var rows = new DMatrixRMaj(q.numRows / 2, q.numCols);
        for (int i = 0; i < rows.numRows; i++) {
            CommonOps_DDRM.extract(q, 2 * i + first, 2 * i + first + 1, 0, q.numCols, rows, i, 0);
        }
        return rows;
    }

    private static float[] floats(DMatrixRMaj matrix) {
        var values = new float[matrix.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix.get(i);
        }
        return values;
    }

    @Override
    public String toString() {
        return "orthogonal";
    }
}
