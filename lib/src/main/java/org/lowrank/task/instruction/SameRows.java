package org.lowrank.task.instruction;

import java.io.IOException;
import java.util.List;
import org.lowrank.config.Problems;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.text.Prompting;

/**
 * The rows of a task, asked for in another way, so that both stand in one table: which are trained
 * on, held out and tested is decided as in that task, by its words and {@code max_length}; what is
 * put around them here leaves none out.
 */
interface SameRows extends Task {

    /** The task whose rows they are. */
    InstructionTuning asked();

    /** Why the rows can not be chosen by the model's chat template, after "is chat". */
    String whyNotChat();

    /**
     * The parts of that task with other texts.
     *
     * @param seed of the run
     */
    OpenInstructions.Parts reworded(OpenInstructions.Parts plain, long seed);

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
    default void checkModel(String model, Problems problems) {
        asked().checkModel(model, problems);
    }

    @Override
    default void check(TaskConfig config, Problems problems) {
        asked().check(config, problems);
        problems.require(
                !asked().prompt().equals(Prompting.CHAT),
                "task.options.prompt",
                "is chat" + whyNotChat());
    }

    @Override
    default OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        return asked().open(config, context, plain -> reworded(plain, context.seed()));
    }
}
