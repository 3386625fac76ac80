package org.lowrank.train;

/**
 * What one step did.
 *
 * @param step from 1
 * @param totalSteps steps of the run
 * @param loss mean loss of the step's batches, before the step
 * @param learningRate the rate of the adapters at this step
 * @param gradientNorm global norm of the raw gradients, before clipping
 * @param examples rows of the step
 * @param tokens tokens of the step, without padding
 * @param seconds time of the step
 */
public record StepReport(
        long step,
        long totalSteps,
        double loss,
        double learningRate,
        double gradientNorm,
        long examples,
        long tokens,
        double seconds) {}
