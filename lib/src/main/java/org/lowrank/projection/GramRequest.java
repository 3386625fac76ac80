package org.lowrank.projection;

import org.ejml.data.DMatrixRMaj;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.Gram;

/** The products that {@link PairGrams} is made of, asked for in a {@link Download}. */
public final class GramRequest {

    private final double scaling;
    private final Download.Request gramA;
    private final Download.Request gramB;
    private final Download.Request gradAAt;
    private final Download.Request bTGradB;

    /**
     * @param raw the raw gradients of the stack; the product of one that is null counts as 0
     */
    public GramRequest(Download download, PairStack stack, PairGradient raw) {
        scaling = stack.scaling();
        var a = download.upcast(stack.loraA());
        var b = download.upcast(stack.loraB());
        gramA = download.productTransposedRight(a, a);
        gramB = download.productTransposedLeft(b, b);
        gradAAt = raw.gradA() == null ? null : download.productTransposedRight(raw.gradA(), a);
        bTGradB = raw.gradB() == null ? null : download.productTransposedLeft(b, raw.gradB());
    }

    /**
     * One a pair, in the order of the stack.
     *
     * @throws IllegalStateException before the transfer
     */
    public PairGrams[] grams() {
        var result = new PairGrams[gramA.matrices().length];
        for (int i = 0; i < result.length; i++) {
            result[i] =
                    new PairGrams(
                            symmetric(gramA.matrices()[i]),
                            symmetric(gramB.matrices()[i]),
                            matrix(gradAAt, i),
                            matrix(bTGradB, i),
                            scaling);
        }
        return result;
    }

    private DMatrixRMaj matrix(Download.Request request, int i) {
        int r = gramA.matrices()[i].numRows;
        return request == null ? new DMatrixRMaj(r, r) : request.matrices()[i];
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
