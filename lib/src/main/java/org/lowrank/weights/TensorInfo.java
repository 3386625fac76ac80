package org.lowrank.weights;

import java.util.List;

/**
 * What a header says of one tensor.
 *
 * @param shape the lengths of its axes; empty for a scalar
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
public record TensorInfo(String name, TensorType type, List<Long> shape, long begin, long end) {

    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** The number of elements. */
    public long elements() {
        return (end - begin) / type.bytes();
    }

    /** The shape as DJL takes it. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
