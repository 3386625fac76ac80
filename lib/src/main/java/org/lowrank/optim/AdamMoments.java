package org.lowrank.optim;

import ai.djl.ndarray.NDArray;

/** Adam's element-wise moments of one array, updated in place. */
final class AdamMoments {

    private AdamMoments() {}

    /** m ← β m + (1 − β) g. */
    static void decayInto(NDArray moment, double beta, NDArray g) {
        moment.muli(beta).addi(g.mul(1 - beta));
    }

    /** v ← β v + (1 − β) g². */
    static void decaySquareInto(NDArray moment, double beta, NDArray g) {
        moment.muli(beta).addi(g.mul(g).muli(1 - beta));
    }

    /**
     * Updates both moments and returns (m / (1 − β1ᵗ)) / (√v / √(1 − β2ᵗ) + ε).
     *
     * @param t what bias correction counts, from 1
     */
    static NDArray direction(NDArray first, NDArray second, NDArray g, AdamWSettings adam, long t) {
        decayInto(first, adam.beta1(), g);
        decaySquareInto(second, adam.beta2(), g);
        var root = second.sqrt();
        root.divi(Math.sqrt(1 - Math.pow(adam.beta2(), t))).addi(adam.epsilon());
        return first.div(root).divi(1 - Math.pow(adam.beta1(), t));
    }

    /** p ← p (1 − rate · decay) − rate · direction, in place. */
    static void descend(NDArray p, NDArray direction, double rate, double weightDecay) {
        if (weightDecay != 0) {
            p.muli(1 - rate * weightDecay);
        }
        p.subi(direction.mul(rate));
    }
}
