package org.lowrank.train;

/**
 * Which batches make which step. A step takes as many as are accumulated, the last step of an epoch
 * those that are left: an epoch holds every batch once.
 *
 * @param batchesPerEpoch batches of one pass over the data
 * @param accumulated batches of a full step
 * @param batches of the whole run
 */
public record StepPlan(int batchesPerEpoch, int accumulated, long batches) {

    /** The batches of one step: {@code count} of an epoch from {@code first}. */
    record Batches(long epoch, int first, int count) {}

    /**
     * @throws IllegalArgumentException if there is no batch, or fewer than a step accumulates
     */
    public static StepPlan of(TrainingConfig config, int batchesPerEpoch) {
        if (batchesPerEpoch < 1) {
            throw new IllegalArgumentException("the objective has no batch: is its data empty?");
        }
        int accumulated = config.gradientAccumulation();
        if (accumulated > batchesPerEpoch) {
            throw new IllegalArgumentException(
                    "training.gradient_accumulation is "
                            + accumulated
                            + ", but an epoch has only "
                            + batchesPerEpoch
                            + " batches, so that no step could take as many; lower it, lower"
                            + " training.batch_size, or take more rows");
        }
        var one = new StepPlan(batchesPerEpoch, accumulated, batchesPerEpoch);
        int steps = config.steps();
        long batches =
                steps > 0
                        ? (long) (steps / one.steps()) * batchesPerEpoch
                                + Math.min(steps % one.steps() * accumulated, batchesPerEpoch)
                        : Math.max(1, Math.round(config.epochs() * batchesPerEpoch));
        return new StepPlan(batchesPerEpoch, accumulated, batches);
    }

    public int steps() {
        long whole = batches / batchesPerEpoch * stepsOf(batchesPerEpoch);
        return Math.toIntExact(whole + stepsOf((int) (batches % batchesPerEpoch)));
    }

    private int stepsOf(int ofBatches) {
        return (ofBatches + accumulated - 1) / accumulated;
    }

    /** Epochs of the run, whole only if it ends with one. */
    public double epochs() {
        return (double) batches / batchesPerEpoch;
    }

    /** Epochs that are done after a step. */
    public double epochsAfter(long step) {
        if (step == 0) {
            return 0;
        }
        var last = batches(step);
        return last.epoch() + (double) (last.first() + last.count()) / batchesPerEpoch;
    }

    /**
     * @param step from 1
     */
    Batches batches(long step) {
        long epoch = (step - 1) / stepsOf(batchesPerEpoch);
        int first = (int) ((step - 1) % stepsOf(batchesPerEpoch)) * accumulated;
        long left = Math.min(batchesPerEpoch, batches - epoch * batchesPerEpoch) - first;
        return new Batches(epoch, first, (int) Math.min(accumulated, left));
    }
}
