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
 * Each factor of a stack beside its gradient, or alone where that is null, in float64.
 *
 * @param rows [A; gᴬ] (layers, 2r, in)
 * @param columns [B gᴮ] (layers, out, 2r)
 */
record WideFactors(NDArray rows, NDArray columns, long rank, boolean hasGradA, boolean hasGradB) {

    static WideFactors of(NDManager owner, PairStack stack, PairGradient raw) {
        return new WideFactors(
                wide(owner, stack.loraA(), raw.gradA(), 1),
                wide(owner, stack.loraB(), raw.gradB(), 2),
                stack.rank(),
                raw.gradA() != null,
                raw.gradB() != null);
    }

    private static NDArray wide(NDManager owner, NDArray factor, NDArray gradient, int axis) {
        if (gradient == null) {
            var copy = factor.toType(DataType.FLOAT64, true);
            copy.attach(owner);
            return copy;
        }
        var both = NDArrays.concat(new NDList(factor, gradient), axis);
        both.attach(owner);
        return both.toType(DataType.FLOAT64, false);
    }

    NDArray a() {
        return hasGradA ? rows.get(part(1, 0)) : rows;
    }

    NDArray gradA() {
        return rows.get(part(1, rank));
    }

    NDArray b() {
        return hasGradB ? columns.get(part(2, 0)) : columns;
    }

    NDArray gradB() {
        return columns.get(part(2, rank));
    }

    private NDIndex part(int axis, long from) {
        var index = new NDIndex().addAllDim(axis);
        return index.addSliceDim(from, from + rank);
    }
}
