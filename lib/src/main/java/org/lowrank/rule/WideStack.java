package org.lowrank.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/**
 * A stack in float64 with each factor and its gradient side by side, [A; gᴬ] (layers, 2r, in) and
 * [B gᴮ] (layers, out, 2r), so that one conversion and one product serve both. A gradient that is
 * null is left out.
 */
final class WideStack {

    private final NDArray rows;
    private final NDArray columns;
    private final long rank;

    /**
     * @param owner what the arrays are attached to
     */
    WideStack(NDManager owner, PairStack stack, PairGradient raw) {
        rank = stack.rank();
        rows = wide(owner, stack.loraA(), raw.gradA(), 1);
        columns = wide(owner, stack.loraB(), raw.gradB(), 2);
    }

    private static NDArray wide(NDManager owner, NDArray factor, NDArray gradient, int axis) {
        if (gradient == null) {
            return attached(owner, factor.toType(DataType.FLOAT64, true));
        }
        var both = attached(owner, NDArrays.concat(new NDList(factor, gradient), axis));
        return both.toType(DataType.FLOAT64, false);
    }

    private static NDArray attached(NDManager owner, NDArray array) {
        array.attach(owner);
        return array;
    }

    long rank() {
        return rank;
    }

    /** [A; gᴬ], or A alone. */
    NDArray rows() {
        return rows;
    }

    /** [B gᴮ], or B alone. */
    NDArray columns() {
        return columns;
    }

    /** A, a view. */
    NDArray a() {
        return hasGradA() ? rows.get(new NDIndex().addAllDim().addSliceDim(0, rank)) : rows;
    }

    /** gᴬ, a view. */
    NDArray gradA() {
        return rows.get(new NDIndex().addAllDim().addSliceDim(rank, 2 * rank));
    }

    /** B, a view. */
    NDArray b() {
        return hasGradB()
                ? columns.get(new NDIndex().addAllDim().addAllDim().addSliceDim(0, rank))
                : columns;
    }

    /** gᴮ, a view. */
    NDArray gradB() {
        return columns.get(new NDIndex().addAllDim().addAllDim().addSliceDim(rank, 2 * rank));
    }

    boolean hasGradA() {
        return rows.getShape().get(1) == 2 * rank;
    }

    boolean hasGradB() {
        return columns.getShape().get(2) == 2 * rank;
    }
}
