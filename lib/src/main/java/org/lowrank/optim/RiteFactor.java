package org.lowrank.optim;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;
import org.lowrank.linalg.GramRoot;

/**
 * The r x r side of one LoRA-RITE step of one factor, in float64 on the host. Both factors are seen
 * as (r, big): A as it is, B transposed. The factor's rows are coordinates in the basis Q = partner
 * · R⁺ of its partner's range.
 */
final class RiteFactor {

    private final LoraRite method;

    /** R⁺ of the partner (r, r). */
    private final DMatrixRMaj inverseRoot;

    /** P = Qᵀ Q_old (r, r). */
    private final DMatrixRMaj change;

    /** Z Zᵀ of the unmagnified gradient Z = R⁺ᵀ g, (r, r). */
    private final DMatrixRMaj gradientGram;

    private final long size;
    private double factor = 1;

    /**
     * @param partner the partner's Gram matrix
     * @param partnerOldBasis partnerᵀ Q_old (r, r)
     * @param rawGram g gᵀ of the raw gradient (r, r)
     * @param size columns of the factor, seen as (r, big)
     */
    RiteFactor(
            LoraRite method,
            Gram partner,
            DMatrixRMaj partnerOldBasis,
            DMatrixRMaj rawGram,
            long size) {
        this.method = method;
        this.size = size;
        if (MatrixFeatures_DDRM.hasUncountable(rawGram)) {
            throw new DivergedException(
                    "a gradient holds NaN or an infinity. Look at the loss of this step, lower the"
                            + " learning rate, or clip");
        }
        inverseRoot = GramRoot.of(partner).pseudoInverse();
        change = CommonOps_DDRM.multTransA(inverseRoot, partnerOldBasis, null);
        gradientGram = congruent(transpose(inverseRoot), rawGram);
        double rms = Math.sqrt(CommonOps_DDRM.trace(gradientGram) / (size * rank()));
        if (method.skipRms() > 0 && rms > method.skipRms()) {
            scale(0);
        }
    }

    private int rank() {
        return inverseRoot.numRows;
    }

    /** |Z|², as it is after skipping. */
    double squaredNorm() {
        return CommonOps_DDRM.trace(gradientGram);
    }

    /** Scales the unmagnified gradient. */
    void scale(double by) {
        factor *= by;
        CommonOps_DDRM.scale(by * by, gradientGram);
    }

    DMatrixRMaj inverseRoot() {
        return inverseRoot;
    }

    /**
     * What the step does with the moments.
     *
     * @param keep M ← keep M + add g, (r, r)
     * @param add (r, r)
     * @param second the new second moment (r, r)
     * @param escape the new escape mass
     */
    record Update(DMatrixRMaj keep, DMatrixRMaj add, DMatrixRMaj second, double escape) {}

    /**
     * @param second V of the last step, in the old basis
     * @param escape ρ of the last step
     * @param step from 1
     */
    Update update(DMatrixRMaj second, double escape, long step) {
        double beta1 = correctedDecay(method.adam().beta1(), step);
        double beta2 = correctedDecay(method.adam().beta2(), step);
        var turned = congruent(change, second);
        double newEscape = method.escapeMass() ? beta2 * (escape + lostMass(second, turned)) : 0;
        var newSecond = new DMatrixRMaj(rank(), rank());
        CommonOps_DDRM.add(beta2, turned, (1 - beta2) / size, gradientGram, newSecond);
        symmetrize(newSecond);
        var whitening =
                new Gram(newSecond)
                        .eigen()
                        .map(0, v -> 1 / (Math.sqrt(v + newEscape) + method.adam().epsilon()));
        var add = CommonOps_DDRM.multTransB(whitening, inverseRoot, null);
        CommonOps_DDRM.scale((1 - beta1) * factor, add);
        var keep = change.copy();
        CommonOps_DDRM.scale(beta1, keep);
        return new Update(keep, add, newSecond, newEscape);
    }

    /** β (1 − βᵗ⁻¹) / (1 − βᵗ): a moment with this decay needs no bias correction. */
    private static double correctedDecay(double beta, long step) {
        return beta * (1 - Math.pow(beta, step - 1)) / (1 - Math.pow(beta, step));
    }

    /** The smaller of the largest drop of an eigenvalue and the drop of the trace, at least 0. */
    private static double lostMass(DMatrixRMaj old, DMatrixRMaj turned) {
        double[] before = new Gram(old).eigen().values();
        double[] after = new Gram(turned).eigen().values();
        double eigenvalueDrop = 0;
        for (int i = 0; i < before.length; i++) {
            eigenvalueDrop = Math.max(eigenvalueDrop, before[i] - after[i]);
        }
        double traceDrop = CommonOps_DDRM.trace(old) - CommonOps_DDRM.trace(turned);
        return Math.min(eigenvalueDrop, Math.max(0, traceDrop));
    }

    /** p v pᵀ, exactly symmetric. */
    private static DMatrixRMaj congruent(DMatrixRMaj p, DMatrixRMaj v) {
        var half = CommonOps_DDRM.mult(p, v, null);
        var result = CommonOps_DDRM.multTransB(half, p, null);
        symmetrize(result);
        return result;
    }

    private static void symmetrize(DMatrixRMaj matrix) {
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < i; j++) {
                double mean = 0.5 * (matrix.get(i, j) + matrix.get(j, i));
                matrix.set(i, j, mean);
                matrix.set(j, i, mean);
            }
        }
    }

    private static DMatrixRMaj transpose(DMatrixRMaj matrix) {
        return CommonOps_DDRM.transpose(matrix, null);
    }
}
