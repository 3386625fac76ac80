package org.lowrank.model.block;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.SplittableRandom;
import org.lowrank.engine.Arrays;

/**
 * Weights of an untrained network, a function of the seed alone: N(0, 0.02²) for tables and linear
 * maps, 0 for biases, 1 for the weights of normalisations (Devlin et al., released configuration).
 */
public final class RandomWeights {

    static final double STANDARD_DEVIATION = 0.02;

    private RandomWeights() {}

    /** Fills every slot; the arrays belong to the owner. */
    public static void into(Map<String, Slot> slots, long seed, NDManager owner) {
        var random = new SplittableRandom(seed);
        for (var slot : slots.values()) {
            double deviation = slot.shape().dimension() > 1 ? STANDARD_DEVIATION : 0;
            var values = new float[Math.toIntExact(slot.shape().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (slot.start() + deviation * random.nextGaussian());
            }
            slot.fill().accept(Arrays.nativeCopy(owner, values, slot.shape()));
        }
    }
}
