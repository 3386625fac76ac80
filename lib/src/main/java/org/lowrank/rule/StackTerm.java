package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.function.Function;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.MatrixFeatures_DDRM;
import org.lowrank.engine.HostTrip;

/**
 * What makes the direction of one factor, over a stack: [mix left] of gᴬ = [mix left][A; gᴬ_lora]
 * or [mix; right] of gᴮ = [B gᴮ_lora][mix; right]. A part that is 0 or I for every pair is neither
 * sent nor multiplied.
 *
 * @param sent null where nothing has to be
 */
record StackTerm(Kind kind, HostTrip.Small sent) {

    enum Kind {
        ZERO,
        GRADIENT,
        PRECONDITIONED,
        MIXED
    }

    NDArray array() {
        return sent.array(DataType.FLOAT64);
    }

    static StackTerm of(
            HostTrip trip,
            Coefficients[] all,
            Function<Coefficients, DMatrixRMaj> mix,
            Function<Coefficients, DMatrixRMaj> precondition,
            boolean sideBySide) {
        var mixes = each(all, mix);
        var own = each(all, precondition);
        if (!isZero(mixes)) {
            var both = new DMatrixRMaj[all.length];
            for (int i = 0; i < all.length; i++) {
                both[i] =
                        sideBySide
                                ? CommonOps_DDRM.concatColumnsMulti(mixes[i], own[i])
                                : CommonOps_DDRM.concatRowsMulti(mixes[i], own[i]);
            }
            return new StackTerm(Kind.MIXED, trip.up(both));
        }
        if (isZero(own)) {
            return new StackTerm(Kind.ZERO, null);
        }
        return Arrays.stream(own).allMatch(m -> MatrixFeatures_DDRM.isIdentity(m, 0))
                ? new StackTerm(Kind.GRADIENT, null)
                : new StackTerm(Kind.PRECONDITIONED, trip.up(own));
    }

    private static boolean isZero(DMatrixRMaj[] matrices) {
        return Arrays.stream(matrices).allMatch(m -> CommonOps_DDRM.elementMaxAbs(m) == 0);
    }

    static DMatrixRMaj[] each(Coefficients[] all, Function<Coefficients, DMatrixRMaj> part) {
        return Arrays.stream(all).map(part).toArray(DMatrixRMaj[]::new);
    }
}
