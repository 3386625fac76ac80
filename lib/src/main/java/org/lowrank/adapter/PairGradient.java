package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;

/**
 * Gradients, or directions, of the factors of one pair (A (r, in), B (out, r)) or of a stack of
 * pairs (A (layers, r, in), B (layers, out, r)). One of the two is null where an alternating order
 * does not read it.
 */
public record PairGradient(NDArray gradA, NDArray gradB) implements AutoCloseable {

    @Override
    public void close() {
        if (gradA != null) {
            gradA.close();
        }
        if (gradB != null) {
            gradB.close();
        }
    }
}
