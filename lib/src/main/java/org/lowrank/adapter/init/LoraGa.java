package org.lowrank.adapter.init;

import java.util.List;
import java.util.Locale;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;
import org.lowrank.config.Option;
import org.lowrank.config.OptionValues;

/**
 * LoRA-GA: with the gradient G = U S Vᵀ of W0 on a few samples, A = c V_{1..r}ᵀ and B = c
 * U_{r+1..2r}, so that the first step of LoRA points where full fine-tuning points. W0 is replaced
 * by W0 - sBA. c = m^¼ / sqrt(gamma) (m = out); the decomposition is randomised, with 4r columns
 * and 4 iterations, as released. Meant for rank-stabilised scaling, s = alpha/sqrt(r).
 *
 * @param batches that the gradient is averaged over
 * @param scale what c is
 * @param gamma of {@link Scale#STABLE}: 16 in the paper's runs, 64 in a later example
 * @see <a href="https://arxiv.org/abs/2407.05000">Wang, Yu and Li, LoRA-GA, algorithm 1</a>
 */
public record LoraGa(int batches, Scale scale, double gamma) implements Initialization {

    /** The factor of both A and B. */
    public enum Scale {
        /** c = out^¼ / sqrt(gamma): the form of the paper's runs. */
        STABLE,
        /** c = 1/s, which the released code calls {@code gd}. */
        GD,
        /** c = 1: orthonormal factors. */
        UNIT
    }

    private static final int WIDTH = 4;
    private static final int ITERATIONS = 4;

    public LoraGa {
        if (!(gamma > 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException("gamma must be positive, not " + gamma);
        }
    }

    static final Option<Integer> BATCHES =
            Option.whole(
                    "gradient_batches",
                    1,
                    "at least 1",
                    n -> n >= 1,
                    "batches that the base's gradient is averaged over");
    private static final Option<Double> GAMMA =
            Option.number("gamma", 16, "above 0", g -> g > 0, "c = out^(1/4) / sqrt(gamma)");
    private static final Option<Scale> SCALE =
            Option.choice("scale", Scale.STABLE, Scale.class, "what c is");

    static final List<Option<?>> OPTIONS = List.of(BATCHES, GAMMA, SCALE);

    static LoraGa from(OptionValues options) {
        return new LoraGa(options.get(BATCHES), options.get(SCALE), options.get(GAMMA));
    }

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        if (2L * rank > Math.min(layer.in(), layer.out())) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s: LoRA-GA takes 2r singular vectors, which %d x %d does not have for"
                                    + " r = %d",
                            path, layer.out(), layer.in(), rank));
        }
        var gradient = context.gradients(batches).at(path);
        try (var scratch = gradient.getManager().newSubManager()) {
            var triplets =
                    SingularTriplets.randomized(
                            gradient,
                            2 * rank,
                            WIDTH * rank,
                            ITERATIONS,
                            context.random(path),
                            scratch);
            double c = factor(layer.out(), scaling);
            var first = triplets.v().get(":, :" + rank);
            var second = triplets.u().get(":, " + rank + ":");
            return Start.of(first.transpose().mul(c), second.mul(c));
        }
    }

    private double factor(long out, double scaling) {
        return switch (scale) {
            case STABLE -> Math.pow(out, 0.25) / Math.sqrt(gamma);
            case GD -> 1 / scaling;
            case UNIT -> 1;
        };
    }

    @Override
    public boolean correctsBase() {
        return true;
    }

    @Override
    public boolean needsRslora() {
        return true;
    }

    @Override
    public String toString() {
        return scale == Scale.STABLE
                ? "lora_ga(gamma=" + gamma + ")"
                : "lora_ga(" + scale.name().toLowerCase(Locale.ROOT) + ")";
    }
}
