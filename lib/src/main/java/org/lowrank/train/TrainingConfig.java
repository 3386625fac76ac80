package org.lowrank.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.config.Json;
import org.lowrank.config.Problems;

/**
 * How long and how fast; what is trained is the loop's. What a table leaves out takes its default.
 *
 * @param learningRate peak rate of the adapters, with what a layer has beside its factors (DoRA's
 *     m, AdaLoRA's E) where the optimizer's rate is AdamW's; set by the protocol, not by the base
 * @param headLearningRate peak rate of everything else that is trained (head, norms); the adapters'
 *     rate if not given
 * @param schedule {@code cosine}, {@code linear} or {@code constant}: the shape of both rates
 * @param warmupRatio share of the steps with a rising rate
 * @param batchSize rows of a batch
 * @param gradientAccumulation batches of a step; the last step of an epoch takes those that are
 *     left
 * @param maxGradNorm the raw gradients are scaled down to this global norm before any rule sees
 *     them; 0 switches it off
 * @param epochs passes over the training data; 0 if steps are given
 * @param steps optimizer steps; 0 if epochs are given
 * @param evaluateEvery steps between evaluations on the validation split; 0 for the end only
 * @param modelDropout probability of dropout inside the model and before its head
 */
public record TrainingConfig(
        Double learningRate,
        Double headLearningRate,
        String schedule,
        Double warmupRatio,
        Integer batchSize,
        Integer gradientAccumulation,
        Double maxGradNorm,
        Double epochs,
        Integer steps,
        Integer evaluateEvery,
        Double modelDropout) {

    /** Every field at its default; the rates are still to be given. */
    public static final TrainingConfig DEFAULT =
            new TrainingConfig(null, null, null, null, null, null, null, null, null, null, null);

    public TrainingConfig {
        learningRate = learningRate == null ? 0.0 : learningRate;
        headLearningRate = headLearningRate == null ? learningRate : headLearningRate;
        schedule = schedule == null ? "cosine" : schedule;
        warmupRatio = warmupRatio == null ? 0.03 : warmupRatio;
        batchSize = batchSize == null ? 32 : batchSize;
        gradientAccumulation = gradientAccumulation == null ? 1 : gradientAccumulation;
        maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
        steps = steps == null ? 0 : steps;
        epochs = epochs == null ? (steps > 0 ? 0.0 : 1.0) : epochs;
        evaluateEvery = evaluateEvery == null ? 0 : evaluateEvery;
        modelDropout = modelDropout == null ? 0.0 : modelDropout;
    }

    /**
     * One rate for adapters and head, cosine with 3 % of warm-up (both papers' schedule), clipping
     * at 1, no accumulation, evaluation at the end.
     */
    public static TrainingConfig of(int steps, double learningRate) {
        return new TrainingConfig(
                learningRate, null, null, null, null, null, null, null, steps, null, null);
    }

    public TrainingConfig withHeadLearningRate(double rate) {
        return Json.with(this, Map.of("head_learning_rate", rate));
    }

    public TrainingConfig withSchedule(Schedule shape, double warmup) {
        return Json.with(this, Map.of("schedule", name(shape), "warmup_ratio", warmup));
    }

    public TrainingConfig withGradientAccumulation(int batches) {
        return Json.with(this, Map.of("gradient_accumulation", batches));
    }

    public TrainingConfig withMaxGradNorm(double norm) {
        return Json.with(this, Map.of("max_grad_norm", norm));
    }

    /** So many epochs, in place of a number of steps. */
    public TrainingConfig withEpochs(double count) {
        return Json.with(this, Map.of("epochs", count, "steps", 0));
    }

    public TrainingConfig withEvaluateEvery(int every) {
        return Json.with(this, Map.of("evaluate_every", every));
    }

    Schedule shape() {
        return Schedule.valueOf(schedule.toUpperCase(Locale.ROOT));
    }

    private static String name(Schedule shape) {
        return shape.name().toLowerCase(Locale.ROOT);
    }

    public void check(Problems problems) {
        problems.positive("training.learning_rate", learningRate);
        problems.positive("training.head_learning_rate", headLearningRate);
        problems.oneOf(
                "training.schedule",
                schedule,
                Arrays.stream(Schedule.values()).map(TrainingConfig::name).toList());
        problems.require(
                warmupRatio >= 0 && warmupRatio < 1,
                "training.warmup_ratio",
                "is " + warmupRatio + "; allowed: 0 up to but not 1");
        problems.atLeast("training.batch_size", batchSize, 1);
        problems.atLeast("training.gradient_accumulation", gradientAccumulation, 1);
        problems.require(
                maxGradNorm >= 0, "training.max_grad_norm", "is " + maxGradNorm + "; 0 is off");
        problems.atLeast("training.steps", steps, 0);
        problems.require(
                (steps > 0) != (epochs > 0),
                "training",
                "needs either steps or epochs above 0, not " + steps + " and " + epochs);
        problems.atLeast("training.evaluate_every", evaluateEvery, 0);
        problems.require(
                modelDropout >= 0 && modelDropout < 1,
                "training.model_dropout",
                "is " + modelDropout + "; allowed: 0 up to but not 1");
    }

    /**
     * @throws IllegalArgumentException if a loop cannot run by this; the message says all of it
     */
    void requireUsable() {
        var problems = new Problems("");
        check(problems);
        List<String> found = problems.list();
        if (!found.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", found));
        }
    }
}
