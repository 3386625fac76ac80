package org.lowrank.adapter.init;

import ai.djl.ndarray.types.DataType;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.Initialization;
import org.lowrank.adapter.StartContext;
import org.lowrank.config.Option;

/**
 * PiSSA: with W0 = U S Vᵀ, A = diag(S_r / s)^½ V_rᵀ and B = U_r diag(S_r / s)^½; W0 is replaced by
 * W0 - sBA, so that the output stays and the factors hold the principal part.
 *
 * @param iterations subspace iterations of a randomised decomposition, or {@link #EXACT}
 * @see <a href="https://arxiv.org/abs/2404.02948">Meng et al., PiSSA, equations 2 to 4</a>
 */
public record Pissa(int iterations) implements Initialization {

    /** No randomised decomposition. */
    public static final int EXACT = -1;

    static final Option<Integer> ITERATIONS =
            Option.whole(
                    "iterations",
                    EXACT,
                    "at least 0, or -1",
                    n -> n >= EXACT,
                    "of a randomised decomposition; -1: exact");

    public Pissa {
        if (iterations < EXACT) {
            throw new IllegalArgumentException(
                    "iterations must be at least 0, or EXACT (-1), not " + iterations);
        }
    }

    public static Pissa exact() {
        return new Pissa(EXACT);
    }

    @Override
    public Start start(
            String path, AdaptableLinear layer, int rank, double scaling, StartContext context) {
        try (var scratch = layer.manager().newSubManager()) {
            var weight = layer.weight().dense(scratch, DataType.FLOAT64);
            var triplets =
                    iterations == EXACT
                            ? SingularTriplets.exact(weight, rank, scratch)
                            : SingularTriplets.randomized(
                                    weight, rank, rank, iterations, context.random(path), scratch);
            var root = triplets.s().div(scaling).sqrt();
            return Start.of(triplets.v().mul(root).transpose(), triplets.u().mul(root));
        }
    }

    @Override
    public boolean correctsBase() {
        return true;
    }

    @Override
    public String toString() {
        return iterations == EXACT ? "pissa" : "pissa_niter_" + iterations;
    }
}
