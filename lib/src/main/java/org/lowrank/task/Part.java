package org.lowrank.task;

import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;

/** A split of a task's rows. */
public enum Part {
    /** Seen by the optimizer. */
    TRAIN,
    /** For choosing a rate and the like. */
    VALIDATION,
    /** For the reported score, touched once. */
    TEST;

    /** The rows of this split. */
    public LabelledTexts of(TaskData data) {
        return data.splits().get(ordinal());
    }
}
