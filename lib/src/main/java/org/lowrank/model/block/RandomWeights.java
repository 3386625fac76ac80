package org.lowrank.model.block;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.lowrank.engine.Arrays;

/**
 * Weights of an untrained network, a function of the seed alone: N(0, σ²) for tables and linear
 * maps, 0 for biases, 1 for the weights of normalisations.
 */
public final class RandomWeights {

    static final double STANDARD_DEVIATION = 0.02;

    private RandomWeights() {}

    /** With σ = 0.02 (Devlin et al., released configuration); the arrays belong to the owner. */
    public static void into(Map<String, Slot> slots, long seed, NDManager owner) {
        into(slots, name -> STANDARD_DEVIATION, seed, owner);
    }

    /**
     * Fills every slot.
     *
     * @param deviations σ of a table or map by its name
     */
    public static void into(
            Map<String, Slot> slots,
            ToDoubleFunction<String> deviations,
            long seed,
            NDManager owner) {
        var random = new SplittableRandom(seed);
        for (var named : slots.entrySet()) {
            var slot = named.getValue();
            double deviation =
                    slot.shape().dimension() > 1 ? deviations.applyAsDouble(named.getKey()) : 0;
            var values = new float[Math.toIntExact(slot.shape().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (slot.start() + deviation * random.nextGaussian());
            }
            slot.fill().accept(Arrays.nativeCopy(owner, values, slot.shape()));
        }
    }
}
