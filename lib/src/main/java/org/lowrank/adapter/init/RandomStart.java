package org.lowrank.adapter.init;

import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;

/**
 * One factor random, the other zero, so that BA = 0.
 *
 * @param law how the random factor is drawn
 * @param swapped true if B is random and A zero (AltLoRA, table 11)
 */
public record RandomStart(Law law, boolean swapped) implements Initialization {

    public enum Law {
        /**
         * Uniform on ±1/sqrt(columns), which is what Kaiming's rule with a = sqrt(5) gives: columns
         * = in for A, r for B.
         */
        KAIMING,
        /** Normal with standard deviation 1/r, as PEFT has it. */
        GAUSSIAN,
        /** Both factors normal with standard deviation 0.02: E = 0 keeps the output. */
        ADALORA
    }

    private static final double ADALORA_DEVIATION = 0.02;

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        var random = context.random(path);
        int sizeA = Math.toIntExact(rank * layer.in());
        int sizeB = Math.toIntExact(layer.out() * rank);
        return switch (law) {
            case ADALORA -> {
                DoubleSupplier draw = () -> ADALORA_DEVIATION * random.nextGaussian();
                yield new Start(drawn(sizeA, draw), drawn(sizeB, draw));
            }
            case GAUSSIAN -> oneOf(sizeA, sizeB, () -> random.nextGaussian() / rank);
            case KAIMING -> {
                double bound = 1 / Math.sqrt(swapped ? rank : layer.in());
                yield oneOf(sizeA, sizeB, () -> random.nextDouble(-bound, bound));
            }
        };
    }

    @Override
    public boolean hasZeroFactor() {
        return law != Law.ADALORA;
    }

    @Override
    public boolean needsZeroDiagonal() {
        return law == Law.ADALORA;
    }

    private Start oneOf(int sizeA, int sizeB, DoubleSupplier draw) {
        return swapped
                ? new Start(new float[sizeA], drawn(sizeB, draw))
                : new Start(drawn(sizeA, draw), new float[sizeB]);
    }

    private static float[] drawn(int size, DoubleSupplier draw) {
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) draw.getAsDouble();
        }
        return values;
    }

    @Override
    public String toString() {
        return law.name().toLowerCase(Locale.ROOT) + (swapped ? "_swapped" : "");
    }
}
