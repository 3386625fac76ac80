package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.text.TokenBatch;

/** How the vectors of a sentence's tokens become one vector. */
public enum Pooling {
    /** The mean over the tokens that are no padding. */
    MEAN {
        @Override
        public NDArray pool(TextEncoder encoder, TokenBatch batch, boolean training) {
            var hidden = encoder.hidden(batch, training);
            var present = batch.mask().toType(DataType.FLOAT32, false);
            var weights = present.div(present.sum(new int[] {1}, true));
            var shape = hidden.getShape();
            // One product (1, length) (length, hidden) a sentence: its backward keeps no copy.
            return weights.expandDims(1).matMul(hidden).reshape(shape.get(0), shape.get(2));
        }
    },
    /** The vector of the first token, [CLS]. */
    CLS {
        @Override
        public NDArray pool(TextEncoder encoder, TokenBatch batch, boolean training) {
            return encoder.first(batch, training);
        }
    };

    /** One vector a sentence, (batch, width). */
    public abstract NDArray pool(TextEncoder encoder, TokenBatch batch, boolean training);

    /** Each row over its Euclidean norm, for vectors that are compared by their cosine. */
    public static NDArray normalized(NDArray rows) {
        return rows.div(rows.square().sum(new int[] {1}, true).sqrt());
    }
}
