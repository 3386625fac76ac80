package org.lowrank.optim;

import org.lowrank.rule.Factors;

/** Which factor moves at which step of an alternating method. */
public enum UpdateOrder {
    /** A at the first step, then B, then A. The order of AltLoRA's main tables. */
    A_FIRST,

    /** B at the first step, then A, then B. */
    B_FIRST,

    /** Both at every step, from the gradients and factors before it. */
    JOINT;

    /**
     * The factors that move.
     *
     * @param step from 1
     */
    public Factors moving(long step) {
        if (this == JOINT) {
            return Factors.BOTH;
        }
        boolean odd = step % 2 == 1;
        return odd == (this == A_FIRST) ? Factors.A : Factors.B;
    }
}
