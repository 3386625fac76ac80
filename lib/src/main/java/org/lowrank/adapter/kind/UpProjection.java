package org.lowrank.adapter.kind;

import ai.djl.ndarray.NDArray;

/** The second product of a low-rank path, u Bᵀ. */
final class UpProjection {

    private UpProjection() {}

    /**
     * u Bᵀ through a copy of Bᵀ whose rows are contiguous. The products of the backward pass follow
     * the layout of what they differentiate: for a plain {@code linear(u, B)} they are gᵀu and g B
     * with B (out, r) as it lies, which are three to five times as slow as uᵀg and g (Bᵀ)ᵀ when r
     * is small.
     *
     * @param down u (..., r)
     * @param loraB B (out, r)
     * @return (..., out)
     */
    static NDArray of(NDArray down, NDArray loraB) {
        var shape = loraB.getShape();
        // Native arrays: the graph keeps what it needs of them after these handles are closed.
        try (var turned = loraB.transpose();
                var flat = turned.flatten();
                var rows = flat.reshape(shape.get(1), shape.get(0))) {
            return down.matMul(rows);
        }
    }
}
