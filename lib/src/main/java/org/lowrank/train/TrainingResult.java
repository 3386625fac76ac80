package org.lowrank.train;

import java.util.List;
import java.util.Map;
import org.lowrank.engine.CancelledException;

/**
 * What a run was and did; the body of its record.
 *
 * @param status how it ended
 * @param message why it ended, if it did not finish
 * @param plan its steps and epochs, those not done among them
 * @param optimizer the optimizer with every hyper-parameter
 * @param steps every step that was done
 * @param evaluations metrics by step
 * @param trainableParameters values that were trained
 * @param optimizerStateBytes state the optimizers kept
 * @param seconds time of the run, all its parts if it was resumed
 * @param peakMemoryBytes highest resident memory of the process, -1 where the system does not tell
 */
public record TrainingResult(
        Status status,
        String message,
        StepPlan plan,
        String optimizer,
        List<StepReport> steps,
        List<Evaluation> evaluations,
        long trainableParameters,
        long optimizerStateBytes,
        double seconds,
        long peakMemoryBytes) {

    /** How a run ended. */
    public enum Status {
        FINISHED,
        /**
         * Interrupted; what was done is kept. It has no scores of its end: neither a table nor a
         * choice of the best may take it for a run, see {@link TrainingResult#orCancelled}.
         */
        CANCELLED,
        /**
         * The loss or a gradient became NaN or infinite, or the method met a matrix that it cannot
         * invert: a result, not a crash.
         */
        DIVERGED
    }

    /** The metrics after one step. */
    public record Evaluation(long step, Map<String, Double> metrics) {}

    /** Passes over the data that were done. */
    public double epochs() {
        return plan.epochsAfter(steps.size());
    }

    /** The metrics of the last evaluation, empty if there was none. */
    public Map<String, Double> finalMetrics() {
        return evaluations.isEmpty() ? Map.of() : evaluations.get(evaluations.size() - 1).metrics();
    }

    /**
     * This run, if it came to an end.
     *
     * @throws CancelledException if it was interrupted, and says when: so no table counts it
     */
    public TrainingResult orCancelled() {
        if (status == Status.CANCELLED) {
            throw new CancelledException("this run has no result: " + message);
        }
        return this;
    }

    /** The same of a run that was found to have diverged after its last step. */
    public TrainingResult diverged(String why) {
        return ended(Status.DIVERGED, why);
    }

    /** The same of a run that was interrupted after its last step. */
    public TrainingResult cancelled(String why) {
        return ended(Status.CANCELLED, why);
    }

    private TrainingResult ended(Status how, String why) {
        return new TrainingResult(
                how,
                why,
                plan,
                optimizer,
                steps,
                evaluations,
                trainableParameters,
                optimizerStateBytes,
                seconds,
                peakMemoryBytes);
    }

    /** The mean loss of the last {@code count} steps, NaN before the first. */
    public double meanLossOfLast(int count) {
        return steps.stream()
                .skip(Math.max(0, steps.size() - count))
                .mapToDouble(StepReport::loss)
                .average()
                .orElse(Double.NaN);
    }
}
