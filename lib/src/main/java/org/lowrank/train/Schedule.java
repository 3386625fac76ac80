package org.lowrank.train;

/** The factor of the learning rate over the steps of a run. */
public enum Schedule {
    /** Linear warm-up, then half a cosine down to zero: both papers' choice. */
    COSINE {
        @Override
        double afterWarmup(double progress) {
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    },
    /** Linear warm-up, then a straight line down to zero. */
    LINEAR {
        @Override
        double afterWarmup(double progress) {
            return 1 - progress;
        }
    },
    /** Linear warm-up, then constant. */
    CONSTANT {
        @Override
        double afterWarmup(double progress) {
            return 1;
        }
    };

    /**
     * @param progress from 0 at the first step after warm-up, below 1 at the last
     */
    abstract double afterWarmup(double progress);

    /**
     * The factor of one step. The first step of warm-up has 1/warmupSteps, so that no step is lost.
     *
     * @param step from 1
     * @param totalSteps steps of the run
     * @param warmupSteps steps of the warm-up, may be 0
     */
    public double factor(long step, long totalSteps, long warmupSteps) {
        if (step < 1 || step > totalSteps || warmupSteps < 0) {
            throw new IllegalArgumentException(
                    "step " + step + " of " + totalSteps + " with " + warmupSteps + " of warm-up");
        }
        if (step <= warmupSteps) {
            return (double) step / warmupSteps;
        }
        return afterWarmup((double) (step - warmupSteps - 1) / (totalSteps - warmupSteps));
    }
}
