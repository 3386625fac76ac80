package org.lowrank.data;

/**
 * Where a run stands in its data; with the data itself, all that is needed to go on exactly.
 *
 * @param seed of the {@link BatchPlan}
 * @param epoch from 0
 * @param position the index of the next batch of the epoch
 */
public record BatchPosition(long seed, long epoch, int position) {

    public BatchPosition {
        if (epoch < 0 || position < 0) {
            throw new IllegalArgumentException(
                    "epoch and position count from 0, but they are " + epoch + " and " + position);
        }
    }

    /** The first batch of the first epoch. */
    public static BatchPosition start(BatchPlan plan) {
        return new BatchPosition(plan.seed(), 0, 0);
    }

    /** The rows of the batch that is next. */
    public int[] rows(BatchPlan plan) {
        requireSeedOf(plan);
        return plan.rows(epoch, position);
    }

    /** The position after this batch. */
    public BatchPosition next(BatchPlan plan) {
        requireSeedOf(plan);
        return position + 1 < plan.batchesPerEpoch()
                ? new BatchPosition(seed, epoch, position + 1)
                : new BatchPosition(seed, epoch + 1, 0);
    }

    private void requireSeedOf(BatchPlan plan) {
        if (plan.seed() != seed) {
            throw new IllegalArgumentException(
                    "this position belongs to a run with data seed "
                            + seed
                            + ", the plan has "
                            + plan.seed()
                            + "; a run resumes in its own order only");
        }
    }
}
