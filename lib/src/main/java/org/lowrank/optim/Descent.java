package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** p ← p · kept − rate · direction in place, over many arrays, with constants made once a step. */
final class Descent {

    private final NDArray rate;
    private final NDArray kept;

    /**
     * @param kept 1 without decay
     */
    private Descent(NDManager manager, double rate, double kept) {
        this.rate = manager.create(rate);
        this.kept = kept == 1 ? null : manager.create(kept);
    }

    /** Decoupled decay: p keeps the share 1 − rate · weightDecay. */
    static Descent of(NDManager manager, double rate, double weightDecay) {
        return new Descent(manager, rate, 1 - rate * weightDecay);
    }

    /** With the share that is kept given itself. */
    static Descent keeping(NDManager manager, double rate, double kept) {
        return new Descent(manager, rate, kept);
    }

    void apply(NDArray p, NDArray direction) {
        if (kept != null) {
            p.muli(kept);
        }
        p.subi(direction.mul(rate));
    }
}
