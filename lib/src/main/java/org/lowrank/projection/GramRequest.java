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
     * @param raw the raw gradients of the stack
     */
    public GramRequest(Download download, PairStack stack, PairGradient raw) {
        scaling = stack.scaling();
        var a = download.upcast(stack.loraA());
        var b = download.upcast(stack.loraB());
        gramA = download.productTransposedRight(a, a);
        gramB = download.productTransposedLeft(b, b);
        gradAAt = download.productTransposedRight(raw.gradA(), a);
        bTGradB = download.productTransposedLeft(b, raw.gradB());
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
                            gradAAt.matrices()[i],
                            bTGradB.matrices()[i],
                            scaling);
        }
        return result;
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
