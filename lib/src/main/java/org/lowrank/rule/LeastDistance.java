package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.lowrank.linalg.Gram;

/**
 * The directions that come as near to the full gradient as the pair can, at any factors: {@link
 * LoraPro} with X = 0 and pseudo-inverses in place of damped inverses, so that the equivalent
 * gradient is P_B g + g P_A − P_B g P_A with the projectors onto the spaces that B and A span, also
 * where a factor is tiny, 0 or of lower rank. A yardstick, not a method: where a factor is nearly
 * singular its directions are huge.
 *
 * <p>Source: LoRA-Pro, arXiv 2407.18242, theorem 2.1.
 */
public record LeastDistance() implements GradientRule {

    /**
     * Eigenvalues of a Gram matrix at or below this share of the largest count as 0. Rounding a
     * factor to float32 leaves singular values of some 1e-7 of the largest in directions that it
     * does not span; squared, they stay below.
     */
    private static final double CUT = 1e-12;

    @Override
    public Coefficients coefficients(PairGrams grams) {
        double perSquare = 1 / (grams.scaling() * grams.scaling());
        var leftA = scaled(grams.gramB(), perSquare);
        var rightB = scaled(grams.gramA(), perSquare);
        var mixB = CommonOps_DDRM.mult(leftA, grams.bTGradB(), null);
        mixB = CommonOps_DDRM.mult(mixB, scaled(grams.gramA(), 1), null);
        CommonOps_DDRM.changeSign(mixB);
        return new Coefficients(leftA, new DMatrixRMaj(grams.rank(), grams.rank()), rightB, mixB);
    }

    private static DMatrixRMaj scaled(Gram gram, double factor) {
        var inverse = gram.pseudoInverse(CUT);
        CommonOps_DDRM.scale(factor, inverse);
        return inverse;
    }
}
