package org.lowrank.train;

import java.util.Map;

/** Measures the model as it stands; no gradients, no dropout. */
@FunctionalInterface
public interface Evaluator {

    /** Metric names and values, for example {@code accuracy}, {@code matthews}, {@code loss}. */
    Map<String, Double> evaluate();
}
