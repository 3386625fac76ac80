package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.Gram;

/** The products that {@link PairGrams} is made of, asked for in a {@link Download}. */
public final class GramRequest {

    private final double scaling;
    private final int rank;
    private final Download.Request rowsAt;
    private final Download.Request bTColumns;

    /**
     * @param raw the raw gradients of the stack; the product of one that is null counts as 0
     */
    public GramRequest(Download download, PairStack stack, PairGradient raw) {
        this(download, new WideStack(download.scratch(), stack, raw), stack.scaling());
    }

    GramRequest(Download download, WideStack wide, double scaling) {
        this.scaling = scaling;
        rank = Math.toIntExact(wide.rank());
        rowsAt = download.productTransposedRight(wide.rows(), wide.a());
        bTColumns = download.productTransposedLeft(wide.b(), wide.columns());
    }

    /**
     * One a pair, in the order of the stack.
     *
     * @throws IllegalStateException before the transfer
     */
    public PairGrams[] grams() {
        var result = new PairGrams[rowsAt.matrices().length];
        for (int i = 0; i < result.length; i++) {
            var ofA = rowsAt.matrices()[i];
            var ofB = bTColumns.matrices()[i];
            result[i] =
                    new PairGrams(
                            symmetric(part(ofA, 0, 0)),
                            symmetric(part(ofB, 0, 0)),
                            part(ofA, rank, 0),
                            part(ofB, 0, rank),
                            scaling);
        }
        return result;
    }

    /** The (r, r) part that begins there; 0 if the product does not reach that far. */
    private DMatrixRMaj part(DMatrixRMaj product, int row, int column) {
        if (row >= product.numRows || column >= product.numCols) {
            return new DMatrixRMaj(rank, rank);
        }
        return CommonOps_DDRM.extract(product, row, row + rank, column, column + rank);
    }

    /** A product X Xᵀ of the device may differ from its transpose by rounding. */
    private static Gram symmetric(DMatrixRMaj product) {
        for (int i = 0; i < product.numRows; i++) {
            for (int j = 0; j < i; j++) {
                double mean = 0.5 * (product.get(i, j) + product.get(j, i));
                product.set(i, j, mean);
                product.set(j, i, mean);
            }
        }
        return new Gram(product);
    }
}
