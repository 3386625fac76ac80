package org.lowrank.train;

/**
 * How a run is trained; what is trained is the loop's.
 *
 * @param steps optimizer steps of the run
 * @param learningRate the peak rate of the adapters, with what a layer kind trains beside a pair
 *     where the optimizer's rate is AdamW's ({@link org.lowrank.optim.PairOptimizer#hasAdamRate})
 * @param otherLearningRate the peak rate of everything else that is trained (head, norms)
 * @param schedule the shape of both rates
 * @param warmupRatio the share of the steps that warm up, in [0, 1)
 * @param gradientAccumulation batches that make one step
 * @param maxGradNorm the raw gradients are scaled down to this global norm before any rule sees
 *     them; 0 switches it off
 * @param evaluateEvery steps between evaluations; 0 evaluates after the last step alone
 * @param seed of batch order and dropout
 */
public record TrainingConfig(
        int steps,
        double learningRate,
        double otherLearningRate,
        Schedule schedule,
        double warmupRatio,
        int gradientAccumulation,
        double maxGradNorm,
        int evaluateEvery,
        long seed) {

    public TrainingConfig {
        require(steps >= 1, "steps must be at least 1, not " + steps);
        require(positive(learningRate), "learningRate must be positive, not " + learningRate);
        require(
                positive(otherLearningRate),
                "otherLearningRate must be positive, not " + otherLearningRate);
        require(
                warmupRatio >= 0 && warmupRatio < 1,
                "warmupRatio must be in [0, 1), not " + warmupRatio);
        require(
                gradientAccumulation >= 1,
                "gradientAccumulation must be at least 1, not " + gradientAccumulation);
        require(maxGradNorm >= 0, "maxGradNorm must be 0 (off) or positive, not " + maxGradNorm);
        require(evaluateEvery >= 0, "evaluateEvery must not be negative: " + evaluateEvery);
    }

    /**
     * One rate for adapters and head, cosine with 3 % of warm-up (both papers' schedule), clipping
     * at 1, no accumulation, evaluation at the end.
     */
    public static TrainingConfig of(int steps, double learningRate, long seed) {
        return new TrainingConfig(
                steps, learningRate, learningRate, Schedule.COSINE, 0.03, 1, 1.0, 0, seed);
    }

    public TrainingConfig withOtherLearningRate(double rate) {
        return new TrainingConfig(
                steps,
                learningRate,
                rate,
                schedule,
                warmupRatio,
                gradientAccumulation,
                maxGradNorm,
                evaluateEvery,
                seed);
    }

    public TrainingConfig withSchedule(Schedule shape, double warmup) {
        return new TrainingConfig(
                steps,
                learningRate,
                otherLearningRate,
                shape,
                warmup,
                gradientAccumulation,
                maxGradNorm,
                evaluateEvery,
                seed);
    }

    public TrainingConfig withGradientAccumulation(int batches) {
        return new TrainingConfig(
                steps,
                learningRate,
                otherLearningRate,
                schedule,
                warmupRatio,
                batches,
                maxGradNorm,
                evaluateEvery,
                seed);
    }

    public TrainingConfig withMaxGradNorm(double norm) {
        return new TrainingConfig(
                steps,
                learningRate,
                otherLearningRate,
                schedule,
                warmupRatio,
                gradientAccumulation,
                norm,
                evaluateEvery,
                seed);
    }

    public TrainingConfig withEvaluateEvery(int every) {
        return new TrainingConfig(
                steps,
                learningRate,
                otherLearningRate,
                schedule,
                warmupRatio,
                gradientAccumulation,
                maxGradNorm,
                every,
                seed);
    }

    /** Steps of the warm-up. */
    public long warmupSteps() {
        return Math.round(warmupRatio * steps);
    }

    private static boolean positive(double x) {
        return x > 0 && Double.isFinite(x);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
