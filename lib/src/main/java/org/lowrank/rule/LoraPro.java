package org.lowrank.rule;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.lowrank.linalg.DivergedException;
import org.lowrank.linalg.EigenSylvester;
import org.lowrank.linalg.SylvesterSolver;

/**
 * LoRA-Pro: the gradients whose equivalent gradient s B gᴬ + s gᴮ A is closest to the full one,
 *
 * <pre>
 *   gᴬ = s⁻² (BᵀB)⁻¹ gᴬ_lora + X A
 *   gᴮ = s⁻² (I − B(BᵀB)⁻¹Bᵀ) gᴮ_lora (AAᵀ)⁻¹ − B X
 * </pre>
 *
 * with X (r, r) free ({@link XChoice}). The equivalent gradient is P_B g + g P_A − P_B g P_A
 * whatever X is. Damping is added to both Gram matrices before they are inverted; the coefficients
 * of the Sylvester equation stay undamped, and a right-hand side that is exactly 0 has X = 0.
 *
 * <p>At the first step B = 0: gᴬ = 0 and gᴮ = s⁻² gᴮ_lora (AAᵀ)⁻¹, so that the equivalent gradient
 * is g P_A.
 *
 * <p>Source: LoRA-Pro, arXiv 2407.18242, theorems 2.1 and 2.3.
 *
 * @param x which X
 * @param damping added to the diagonals of BᵀB and AAᵀ; 0 in the paper, 1e-8 in the released code
 * @param solver for {@link XChoice#SYLVESTER}
 */
public record LoraPro(XChoice x, double damping, SylvesterSolver solver) implements GradientRule {

    public LoraPro {
        PairGrams.requireDamping(damping, "LoraPro");
    }

    /** With the symmetric eigenvalue solver. */
    public LoraPro(XChoice x, double damping) {
        this(x, damping, new EigenSylvester());
    }

    /**
     * @throws DivergedException if A and B are both 0; if a Gram matrix that is not 0 is singular
     *     and the damping is 0; if the Sylvester equation has no unique solution
     */
    @Override
    public Coefficients coefficients(PairGrams grams) {
        grams.requireNotBothZero();
        double perSquare = 1 / (grams.scaling() * grams.scaling());
        var leftA = grams.inverseB(damping);
        CommonOps_DDRM.scale(perSquare, leftA);
        var inverseA = grams.inverseA(damping);
        var shared = product(leftA, grams.bTGradB());
        var mixB = product(shared, inverseA);
        var free = freeMatrix(grams, leftA, shared, mixB);
        CommonOps_DDRM.addEquals(mixB, free);
        CommonOps_DDRM.changeSign(mixB);
        var rightB = inverseA.copy();
        CommonOps_DDRM.scale(perSquare, rightB);
        return new Coefficients(leftA, free, rightB, mixB);
    }

    /** X; {@code shared} is s⁻²(BᵀB)⁻¹Bᵀgᴮ and {@code common} that times (AAᵀ)⁻¹. */
    private DMatrixRMaj freeMatrix(
            PairGrams grams, DMatrixRMaj leftA, DMatrixRMaj shared, DMatrixRMaj common) {
        return switch (x) {
            case ZERO -> new DMatrixRMaj(grams.rank(), grams.rank());
            case SYLVESTER -> sylvester(grams, leftA);
            case SYMMETRIC -> half(common);
            case SYMMETRIC_RELEASED -> half(product(shared, grams.gramA().matrix()));
            case RANDOM -> random(grams.draw(), half(common));
        };
    }

    private DMatrixRMaj sylvester(PairGrams grams, DMatrixRMaj leftA) {
        var right = product(leftA, grams.gradAAt());
        CommonOps_DDRM.changeSign(right);
        if (right.getNumElements() == 0 || CommonOps_DDRM.elementMaxAbs(right) == 0) {
            return right;
        }
        return solver.factor(grams.gramB(), grams.gramA()).solve(right).orThrow();
    }

    /** A matrix of the norm of another, with a direction of its own. */
    private static DMatrixRMaj random(long draw, DMatrixRMaj sized) {
        // java.util.Random says how it draws, so that another JDK draws the same
        var random = new Random(draw);
        var result = new DMatrixRMaj(sized.numRows, sized.numCols);
        for (int i = 0; i < result.getNumElements(); i++) {
            result.data[i] = random.nextGaussian();
        }
        double size = NormOps_DDRM.normF(sized);
        if (size > 0) {
            CommonOps_DDRM.scale(size / NormOps_DDRM.normF(result), result);
        } else {
            result.zero();
        }
        return result;
    }

    private static DMatrixRMaj half(DMatrixRMaj matrix) {
        var result = matrix.copy();
        CommonOps_DDRM.scale(-0.5, result);
        return result;
    }

    private static DMatrixRMaj product(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.mult(a, b, null);
    }
}
