package org.lowrank.train;

import java.util.List;
import java.util.Map;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;

/** Watches a run. Every method does nothing by default. */
public interface TrainingListener {

    /** Before the first step (of a resumed run: before the next). */
    default void started(TrainingConfig config, long firstStep) {}

    /** Before the forward pass of a step: the place to ask for gradients of frozen weights. */
    default void beforeStep(long step) {}

    /**
     * After the backward pass, before clipping and before anything moves. The arrays belong to the
     * loop.
     *
     * @param stacks the pairs as they stand
     * @param raw their raw gradients; null for a factor that an alternating order does not read
     */
    default void afterBackward(long step, List<PairStack> stacks, List<PairGradient> raw) {}

    /** After the factors have moved. */
    default void afterStep(StepReport report) {}

    default void evaluated(long step, Map<String, Double> metrics) {}

    /** After the last step, or when the run was cancelled, diverged or failed. */
    default void ended(TrainingResult result) {}
}
