package org.lowrank.task;

/** A split of a task's rows. */
public enum Part {
    /** Seen by the optimizer. */
    TRAIN,
    /** For choosing a rate and the like. */
    VALIDATION,
    /** For the reported score, touched once. */
    TEST
}
