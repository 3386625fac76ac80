package org.lowrank.optim;

import org.lowrank.config.Option;

/** What is added to a Gram matrix before it is inverted. */
public final class Damping {

    public static final Option<Double> DAMPING =
            Option.number(
                    "damping",
                    0,
                    "finite and at least 0",
                    d -> d >= 0,
                    "added to the diagonal of a Gram matrix before it is inverted");

    private Damping() {}
}
