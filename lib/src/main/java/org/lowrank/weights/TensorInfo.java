package org.lowrank.weights;

import java.util.List;

/**
 * What a file says of one tensor.
 *
 * @param shape the lengths of its axes, rows first, as PyTorch has them; empty for a scalar
 * @param byteCount what it takes in the file
 */
public record TensorInfo(String name, TensorType type, List<Long> shape, long byteCount) {

    public TensorInfo {
        shape = List.copyOf(shape);
    }

    public long elements() {
        return byteCount / type.blockBytes() * type.blockElements();
    }

    /** The shape as DJL takes it. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
