package org.lowrank.rule;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.Gram;
import org.lowrank.linalg.Status;

/**
 * All that a gradient rule needs to know of one pair: r x r matrices in float64. They are formed on
 * the device from upcast factors and gradients; nothing larger leaves it.
 *
 * @param gramA AAᵀ
 * @param gramB BᵀB
 * @param gradAAt gᴬ_lora Aᵀ
 * @param bTGradB Bᵀ gᴮ_lora (equal to {@code gradAAt} when both gradients come from one full
 *     gradient)
 * @param scaling s of W0 + sBA
 * @param draw what a rule that draws begins with, see {@link Draws}: of this pair at this step
 */
public record PairGrams(
        Gram gramA,
        Gram gramB,
        DMatrixRMaj gradAAt,
        DMatrixRMaj bTGradB,
        double scaling,
        long draw) {

    /** For a rule that draws nothing. */
    public PairGrams(
            Gram gramA, Gram gramB, DMatrixRMaj gradAAt, DMatrixRMaj bTGradB, double scaling) {
        this(gramA, gramB, gradAAt, bTGradB, scaling, 0);
    }

    /**
     * From the products of the device.
     *
     * @param rowsAt [A; gᴬ_lora] Aᵀ (2r, r), or AAᵀ where no gradient is read
     * @param bTColumns Bᵀ [B gᴮ_lora] (r, 2r), or BᵀB where no gradient is read
     * @throws DivergedException if a factor or a gradient holds a value that is not finite: it
     *     makes a row or a column of its product with the factor not finite
     */
    static PairGrams of(DMatrixRMaj rowsAt, DMatrixRMaj bTColumns, double scaling, long draw) {
        int r = rowsAt.numCols;
        var grams =
                new PairGrams(
                        Gram.ofProduct(part(rowsAt, r, 0, 0)),
                        Gram.ofProduct(part(bTColumns, r, 0, 0)),
                        part(rowsAt, r, r, 0),
                        part(bTColumns, r, 0, r),
                        scaling,
                        draw);
        requireFinite(grams.gramA.matrix(), "AAᵀ", "lora_A");
        requireFinite(grams.gramB.matrix(), "BᵀB", "lora_B");
        grams.requireFiniteGradients();
        return grams;
    }

    /** The same factors, scaling and draw with other products of the gradients. */
    public PairGrams with(DMatrixRMaj otherAAt, DMatrixRMaj bTOther) {
        var grams = new PairGrams(gramA, gramB, otherAAt, bTOther, scaling, draw);
        grams.requireFiniteGradients();
        return grams;
    }

    public int rank() {
        return gramA.size();
    }

    /**
     * (AAᵀ + damping I)⁻¹, what multiplies the gradient of B; a new matrix. That of a factor that
     * is 0 counts as 0: the raw gradient of its partner is s Bᵀg = 0, so that any would do, and
     * none need exist.
     *
     * @throws DivergedException if AAᵀ is singular but not 0 and the damping is 0
     */
    public DMatrixRMaj inverseA(double damping) {
        return gramA.dampedInverse(damping, "AAᵀ");
    }

    /** (BᵀB + damping I)⁻¹, what multiplies the gradient of A; else as {@link #inverseA}. */
    public DMatrixRMaj inverseB(double damping) {
        return gramB.dampedInverse(damping, "BᵀB");
    }

    /**
     * Refuses a pair of two zeros: a saddle that no gradient leaves.
     *
     * @throws DivergedException if A and B are both 0
     */
    public void requireNotBothZero() {
        if (rank() > 0 && gramA.isZero() && gramB.isZero()) {
            throw DivergedException.bothZero();
        }
    }

    static void requireDamping(double damping, String rule) {
        if (!(damping >= 0) || Double.isInfinite(damping)) {
            throw new IllegalArgumentException(
                    rule + ": damping must be finite and at least 0, not " + damping);
        }
    }

    private void requireFiniteGradients() {
        requireFinite(gradAAt, "the product of the gradient of lora_A with Aᵀ", "its gradient");
        requireFinite(bTGradB, "the product of Bᵀ with the gradient of lora_B", "its gradient");
    }

    private static void requireFinite(DMatrixRMaj matrix, String name, String suspect) {
        if (MatrixFeatures_DDRM.hasUncountable(matrix)) {
            throw new DivergedException(
                    "%s holds a value that is not finite, so %s does: %s"
                            .formatted(name, suspect, Status.NON_FINITE_INPUT.advice()));
        }
    }

    /** The (r, r) part that begins there; 0 if the product does not reach that far. */
    private static DMatrixRMaj part(DMatrixRMaj product, int r, int row, int column) {
        return row >= product.numRows || column >= product.numCols
                ? new DMatrixRMaj(r, r)
                : CommonOps_DDRM.extract(product, row, row + r, column, column + r);
    }
}
