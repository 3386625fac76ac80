package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.lowrank.engine.GraphConstants;

/**
 * What is added to attention scores: 0 where a token is seen, −1e9 where not; softmax makes that
 * exactly 0 in float32. A row that sees nothing (padding before a text) stays finite: it sees all
 * alike.
 */
public final class AttentionMask {

    private static final double MASKED = -1e9;

    private final NDArray one;
    private final NDArray large;

    /**
     * @param owner lives as long as the model
     */
    public AttentionMask(NDManager owner) {
        one = GraphConstants.scalar(owner, 1, DataType.FLOAT32);
        large = GraphConstants.scalar(owner, -MASKED, DataType.FLOAT32);
    }

    /**
     * Every token sees every one that is no padding.
     *
     * @param present 1 for a token and 0 for padding (batch, length)
     * @return (batch, 1, 1, length)
     */
    public NDArray padding(NDArray present) {
        return bias(ones(present));
    }

    /**
     * Every token sees itself and those before it, padding apart.
     *
     * @param present 1 for a token and 0 for padding (batch, all), the remembered ones first
     * @param length the number of last tokens that look
     * @param window how many a token sees, itself among them; 0 for all
     * @return (batch, 1, length, all)
     */
    public NDArray causal(NDArray present, long length, long window) {
        var step = present.getManager();
        long all = present.getShape().get(1);
        var row = step.arange(all - length, all, 1, DataType.INT64).reshape(length, 1);
        var column = step.arange(0, all, 1, DataType.INT64).reshape(1, all);
        var seen = column.lte(row);
        if (window > 0) {
            var width = step.full(new Shape(), window, DataType.INT64);
            seen = seen.logicalAnd(row.sub(column).lt(width));
        }
        return bias(ones(present).mul(seen.toType(DataType.FLOAT32, false)));
    }

    private static NDArray ones(NDArray present) {
        var shape = present.getShape();
        return present.toType(DataType.FLOAT32, false).reshape(shape.get(0), 1, 1, shape.get(1));
    }

    private NDArray bias(NDArray seen) {
        return seen.sub(one).mul(large);
    }
}
