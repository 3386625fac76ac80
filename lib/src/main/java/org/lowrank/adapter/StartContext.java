package org.lowrank.adapter;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * What a start or a layer kind may need of the run that it is made for. Gradients of the base are
 * estimated when first asked for, once for each number of batches, and freed with this.
 */
public final class StartContext implements AutoCloseable {

    private final long seed;
    private final int steps;
    private final IntFunction<BaseGradients> estimate;
    private final Map<Integer, BaseGradients> gradients = new HashMap<>();

    /**
     * @param seed of the run
     * @param steps of the run, 0 if not known; AdaLoRA's schedule needs them
     * @param estimate the gradients of the base weights on so many batches; null if there are none
     */
    public StartContext(long seed, int steps, IntFunction<BaseGradients> estimate) {
        this.seed = seed;
        this.steps = steps;
        this.estimate = estimate;
    }

    /** A seed and nothing else. */
    public static StartContext of(long seed) {
        return new StartContext(seed, 0, null);
    }

    /** Optimizer steps of the run, 0 if not known. */
    public int steps() {
        return steps;
    }

    /**
     * The random source of one pair: seeded by the run's seed and the path, so that the start of a
     * pair does not depend on which other modules are targeted.
     */
    public SplittableRandom random(String path) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + path.hashCode());
    }

    /**
     * The gradients of the base weights, averaged over so many batches.
     *
     * @throws IllegalArgumentException if this run has none
     */
    public BaseGradients gradients(int batches) {
        if (estimate == null) {
            throw new IllegalArgumentException(
                    "this start is made of the base's gradients, and none can be estimated here:"
                            + " inject with a StartContext that has a loss");
        }
        return gradients.computeIfAbsent(batches, estimate::apply);
    }

    @Override
    public void close() {
        gradients.values().forEach(BaseGradients::close);
        gradients.clear();
    }
}
