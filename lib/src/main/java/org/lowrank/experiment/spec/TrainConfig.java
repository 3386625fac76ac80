package org.lowrank.experiment.spec;

import java.util.Arrays;
import java.util.Locale;
import org.lowrank.config.Problems;
import org.lowrank.train.Schedule;

/**
 * How long and how fast.
 *
 * @param learningRate peak rate of the adapters, with what a layer has beside its factors (DoRA's
 *     m, AdaLoRA's E) where the optimizer's rate is AdamW's; set by the protocol, not by the base
 * @param headLearningRate peak rate of the head; the adapters' rate if not given
 * @param schedule {@code cosine}, {@code linear} or {@code constant}
 * @param warmupRatio share of the steps with a rising rate
 * @param batchSize rows of a batch
 * @param gradientAccumulation batches of a step
 * @param maxGradNorm the raw gradients' global norm is cut to it; 0 switches it off
 * @param epochs passes over the training data; 0 if steps are given
 * @param steps optimizer steps; 0 if epochs are given
 * @param evaluateEvery steps between evaluations on the validation split; 0 for the end only
 * @param modelDropout probability of dropout inside the model and before its head
 */
public record TrainConfig(
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

    public TrainConfig {
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

    TrainConfig withHeadLearningRate(double rate) {
        return new TrainConfig(
                learningRate,
                rate,
                schedule,
                warmupRatio,
                batchSize,
                gradientAccumulation,
                maxGradNorm,
                epochs,
                steps,
                evaluateEvery,
                modelDropout);
    }

    /** The number of steps on data with this many batches an epoch. */
    public int stepsFor(int batchesPerEpoch) {
        return steps > 0
                ? steps
                : (int) Math.max(1, Math.round(epochs * batchesPerEpoch / gradientAccumulation));
    }

    /** The schedule by its name. */
    public Schedule scheduleShape() {
        return Schedule.valueOf(schedule.toUpperCase(Locale.ROOT));
    }

    void check(Problems problems) {
        problems.positive("training.learning_rate", learningRate);
        problems.positive("training.head_learning_rate", headLearningRate);
        problems.oneOf(
                "training.schedule",
                schedule,
                Arrays.stream(Schedule.values())
                        .map(s -> s.name().toLowerCase(Locale.ROOT))
                        .toList());
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
}
