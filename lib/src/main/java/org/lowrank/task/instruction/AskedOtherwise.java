package org.lowrank.task.instruction;

import java.util.List;
import org.lowrank.config.Problems;
import org.lowrank.data.source.NeededFile;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;

/** A task some of whose questions are put in another way; what it is scored by stays. */
interface AskedOtherwise extends Task {

    /** The task as it asks itself. */
    InstructionTuning asked();

    @Override
    default List<String> metrics() {
        return asked().metrics();
    }

    @Override
    default boolean isLoss(String metric) {
        return asked().isLoss(metric);
    }

    @Override
    default boolean isOfTestAlone(String metric) {
        return asked().isOfTestAlone(metric);
    }

    @Override
    default boolean byLayer() {
        return asked().byLayer();
    }

    @Override
    default List<NeededFile> files() {
        return asked().files();
    }

    @Override
    default void checkModel(String model, Problems problems) {
        asked().checkModel(model, problems);
    }

    @Override
    default void check(TaskConfig config, Problems problems) {
        asked().check(config, problems);
    }
}
