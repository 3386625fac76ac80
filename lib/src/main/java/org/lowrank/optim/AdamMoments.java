package org.lowrank.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * One step of Adam's element-wise arithmetic over many arrays. Its constants are arrays that are
 * made once a step, since a Java number costs more to hand over than the operation on a small
 * array.
 */
final class AdamMoments {

    private final NDArray beta1;
    private final NDArray oneMinusBeta1;
    private final NDArray beta2;
    private final NDArray oneMinusBeta2;
    private final NDArray epsilon;
    private final NDArray perFirst;

    /**
     * @param manager of the device; the constants live in the scope of the step
     * @param t what bias correction counts, from 1
     */
    AdamMoments(NDManager manager, AdamWSettings adam, long t) {
        double correction2 = Math.sqrt(1 - Math.pow(adam.beta2(), t));
        beta1 = manager.create(adam.beta1());
        oneMinusBeta1 = manager.create(1 - adam.beta1());
        beta2 = manager.create(adam.beta2());
        oneMinusBeta2 = manager.create(1 - adam.beta2());
        epsilon = manager.create(adam.epsilon() * correction2);
        perFirst = manager.create(correction2 / (1 - Math.pow(adam.beta1(), t)));
    }

    /**
     * Updates both moments in place and returns (m / (1 − β1ᵗ)) / (√v / √(1 − β2ᵗ) + ε), with the
     * corrections taken out of the fraction.
     */
    NDArray direction(NDArray first, NDArray second, NDArray g) {
        first.muli(beta1).addi(g.mul(oneMinusBeta1));
        second.muli(beta2).addi(g.mul(g).muli(oneMinusBeta2));
        return first.div(second.sqrt().addi(epsilon)).muli(perFirst);
    }
}
