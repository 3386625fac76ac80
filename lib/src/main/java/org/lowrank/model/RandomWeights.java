package org.lowrank.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.lowrank.weights.WeightSource;
import org.lowrank.weights.WeightTensor;

/**
 * Weights of an untrained network, a function of the seed alone: N(0, 0.02²) for tables and linear
 * maps, 0 for biases, 1 for the weights of normalisations (Devlin et al., released configuration).
 */
final class RandomWeights implements WeightSource {

    static final double STANDARD_DEVIATION = 0.02;

    private final Map<String, WeightLoader.Slot> slots;
    private final long seed;

    RandomWeights(Map<String, WeightLoader.Slot> slots, long seed) {
        this.slots = slots;
        this.seed = seed;
    }

    /** Fills every slot; the arrays belong to the owner. */
    static void into(Map<String, WeightLoader.Slot> slots, long seed, NDManager owner) {
        try {
            WeightLoader.load(new RandomWeights(slots, seed), slots, List.of(), owner);
        } catch (IOException e) {
            throw new IllegalStateException("random weights come from no file", e);
        }
    }

    @Override
    public String file() {
        return "random weights of seed " + seed;
    }

    @Override
    public void forEach(Visitor visitor) throws IOException {
        var random = new SplittableRandom(seed);
        for (var entry : slots.entrySet()) {
            var name = entry.getKey();
            var shape = entry.getValue().shape();
            double center = name.endsWith("LayerNorm.weight") ? 1 : 0;
            double deviation = shape.dimension() > 1 ? STANDARD_DEVIATION : 0;
            var values = new float[Math.toIntExact(shape.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (center + deviation * random.nextGaussian());
            }
            visitor.visit(new WeightTensor(name, shape, values));
        }
    }
}
