package org.lowrank.adapter;

import java.util.SplittableRandom;

/** How the factors of a pair start. */
public interface Initialization {

    /**
     * The first values of one pair.
     *
     * @param path the module path, for messages
     * @param layer the layer to be adapted; a method that changes W0 (PiSSA) may read it
     * @param rank r
     * @param scaling s of W0 + sBA
     * @param random the source of this pair, seeded by the run's seed and the path
     */
    Factors start(
            String path, AdaptableLinear layer, int rank, double scaling, SplittableRandom random);

    /** A (r, in) and B (out, r), row by row. */
    record Factors(float[] loraA, float[] loraB) {}

    /**
     * A uniform on ±1/sqrt(in), which is what Kaiming's rule with a = sqrt(5) gives, and B = 0:
     * LoRA's start as PEFT and PyTorch have it.
     */
    Initialization KAIMING =
            new Initialization() {
                @Override
                public Factors start(
                        String path,
                        AdaptableLinear layer,
                        int rank,
                        double scaling,
                        SplittableRandom random) {
                    var a = new float[Math.toIntExact(rank * layer.in())];
                    var bound = 1 / Math.sqrt(layer.in());
                    for (int i = 0; i < a.length; i++) {
                        a[i] = (float) random.nextDouble(-bound, bound);
                    }
                    return new Factors(a, new float[Math.toIntExact(layer.out() * rank)]);
                }

                @Override
                public String toString() {
                    return "kaiming";
                }
            };
}
