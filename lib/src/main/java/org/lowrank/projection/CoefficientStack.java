package org.lowrank.projection;

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
 * there. Coefficients that are 0 or I for every pair of the stack are neither sent nor multiplied.
 */
public final class CoefficientStack {

    private final Term leftA;
    private final Term mixA;
    private final Term rightB;
    private final Term mixB;

    /**
     * @param coefficients one a pair, in the order of the stack
     */
    public CoefficientStack(Upload upload, Coefficients[] coefficients) {
        leftA = Term.of(upload, coefficients, Coefficients::leftA);
        mixA = Term.of(upload, coefficients, Coefficients::mixA);
        rightB = Term.of(upload, coefficients, Coefficients::rightB);
        mixB = Term.of(upload, coefficients, Coefficients::mixB);
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
            var gradA = raw.gradA() == null ? null : directionA(scratch, stack, raw.gradA());
            var gradB = raw.gradB() == null ? null : directionB(scratch, stack, raw.gradB());
            for (var direction : new NDArray[] {gradA, gradB}) {
                if (direction != null) {
                    direction.attach(owner);
                }
            }
            return new PairGradient(gradA, gradB);
        }
    }

    private NDArray directionA(NDManager scratch, PairStack stack, NDArray gradient) {
        var factor = stack.loraA();
        return sum(
                factor,
                leftA.times(wide(scratch, gradient)),
                mixA.kind() == Term.Kind.ZERO ? null : mixA.times(wide(scratch, factor)));
    }

    private NDArray directionB(NDManager scratch, PairStack stack, NDArray gradient) {
        var factor = stack.loraB();
        return sum(
                factor,
                rightB.after(wide(scratch, gradient)),
                mixB.kind() == Term.Kind.ZERO ? null : mixB.after(wide(scratch, factor)));
    }

    private static NDArray wide(NDManager scratch, NDArray x) {
        var copy = x.toType(DataType.FLOAT64, true);
        copy.attach(scratch);
        return copy;
    }

    private static NDArray sum(NDArray factor, NDArray gradient, NDArray mixed) {
        if (gradient == null && mixed == null) {
            return factor.zerosLike();
        }
        var sum =
                gradient == null || mixed == null
                        ? (gradient == null ? mixed : gradient)
                        : gradient.addi(mixed);
        return sum.toType(factor.getDataType(), false);
    }

    /** One of the four coefficients, over a stack. */
    private record Term(Kind kind, Upload.Slot slot) {

        private enum Kind {
            ZERO,
            IDENTITY,
            GENERAL
        }

        static Term of(
                Upload upload, Coefficients[] all, Function<Coefficients, DMatrixRMaj> which) {
            var matrices = Arrays.stream(all).map(which).toArray(DMatrixRMaj[]::new);
            if (Arrays.stream(matrices).allMatch(m -> CommonOps_DDRM.elementMaxAbs(m) == 0)) {
                return new Term(Kind.ZERO, null);
            }
            if (Arrays.stream(matrices).allMatch(m -> MatrixFeatures_DDRM.isIdentity(m, 0))) {
                return new Term(Kind.IDENTITY, null);
            }
            return new Term(Kind.GENERAL, upload.add(matrices));
        }

        /** coefficient x, or null for 0; a new array otherwise. */
        NDArray times(NDArray x) {
            return switch (kind) {
                case ZERO -> null;
                case IDENTITY -> x.duplicate();
                case GENERAL -> slot.as(x.getDataType()).matMul(x);
            };
        }

        /** x coefficient, or null for 0; a new array otherwise. */
        NDArray after(NDArray x) {
            return switch (kind) {
                case ZERO -> null;
                case IDENTITY -> x.duplicate();
                case GENERAL -> x.matMul(slot.as(x.getDataType()));
            };
        }
    }
}
