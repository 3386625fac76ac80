package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.function.Function;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * The {@link Coefficients} of the pairs of a stack on their way to the device, and what they do
 * there. Coefficients that are 0 or I for every pair of the stack are neither sent nor multiplied;
 * two that are neither go as one, [mixA leftA] to be multiplied with [A; gᴬ].
 */
public final class CoefficientStack {

    private final Term ofA;
    private final Term ofB;

    /**
     * @param coefficients one a pair, in the order of the stack
     */
    public CoefficientStack(Upload upload, Coefficients[] coefficients) {
        ofA = Term.of(upload, coefficients, Coefficients::mixA, Coefficients::leftA, true);
        ofB = Term.of(upload, coefficients, Coefficients::mixB, Coefficients::rightB, false);
    }

    /**
     * gᴬ = leftA gᴬ_lora + mixA A and gᴮ = gᴮ_lora rightB + B mixB, in the dtype of the factors.
     * The products run in float64: the two terms of gᴮ cancel by as much as B is ill-conditioned.
     *
     * @param owner what the result is attached to
     * @param raw not changed and not closed; a direction is null where its gradient is
     * @throws IllegalStateException before the transfer of the upload
     */
    public PairGradient apply(NDManager owner, PairStack stack, PairGradient raw) {
        try (var scratch = owner.newSubManager()) {
            return apply(owner, stack, new WideStack(scratch, stack, raw));
        }
    }

    PairGradient apply(NDManager owner, PairStack stack, WideStack wide) {
        return new PairGradient(
                wide.hasGradA() ? narrow(owner, directionA(wide), stack.loraA()) : null,
                wide.hasGradB() ? narrow(owner, directionB(wide), stack.loraB()) : null);
    }

    private NDArray directionA(WideStack wide) {
        return switch (ofA.kind) {
            case ZERO -> wide.gradA().zerosLike();
            case GRADIENT -> wide.gradA();
            case PRECONDITIONED -> ofA.array().matMul(wide.gradA());
            case MIXED -> ofA.array().matMul(wide.rows());
        };
    }

    private NDArray directionB(WideStack wide) {
        return switch (ofB.kind) {
            case ZERO -> wide.gradB().zerosLike();
            case GRADIENT -> wide.gradB();
            case PRECONDITIONED -> wide.gradB().matMul(ofB.array());
            case MIXED -> wide.columns().matMul(ofB.array());
        };
    }

    /** A new array in the type of the factor, also where the direction is a view. */
    private static NDArray narrow(NDManager owner, NDArray direction, NDArray factor) {
        var result =
                factor.getDataType() == DataType.FLOAT64
                        ? direction.duplicate()
                        : direction.toType(factor.getDataType(), true);
        result.attach(owner);
        return result;
    }

    private enum Kind {
        ZERO,
        GRADIENT,
        PRECONDITIONED,
        MIXED
    }

    /** What makes the direction of one factor, over a stack. */
    private record Term(Kind kind, Upload.Slot slot) {

        NDArray array() {
            return slot.as(DataType.FLOAT64);
        }

        static Term of(
                Upload upload,
                Coefficients[] all,
                Function<Coefficients, DMatrixRMaj> mix,
                Function<Coefficients, DMatrixRMaj> precondition,
                boolean sideBySide) {
            var mixes = Arrays.stream(all).map(mix).toArray(DMatrixRMaj[]::new);
            var own = Arrays.stream(all).map(precondition).toArray(DMatrixRMaj[]::new);
            if (!isZero(mixes)) {
                var both = new DMatrixRMaj[all.length];
                for (int i = 0; i < all.length; i++) {
                    both[i] =
                            sideBySide
                                    ? CommonOps_DDRM.concatColumnsMulti(mixes[i], own[i])
                                    : CommonOps_DDRM.concatRowsMulti(mixes[i], own[i]);
                }
                return new Term(Kind.MIXED, upload.add(both));
            }
            if (isZero(own)) {
                return new Term(Kind.ZERO, null);
            }
            if (Arrays.stream(own).allMatch(m -> MatrixFeatures_DDRM.isIdentity(m, 0))) {
                return new Term(Kind.GRADIENT, null);
            }
            return new Term(Kind.PRECONDITIONED, upload.add(own));
        }

        private static boolean isZero(DMatrixRMaj[] matrices) {
            return Arrays.stream(matrices).allMatch(m -> CommonOps_DDRM.elementMaxAbs(m) == 0);
        }
    }
}
