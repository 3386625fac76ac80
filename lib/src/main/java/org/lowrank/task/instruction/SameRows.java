package org.lowrank.task.instruction;

import java.io.IOException;
import org.lowrank.config.Problems;
import org.lowrank.data.instruction.Sample;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.text.Prompting;

/**
 * The rows of a task, asked for in another way, so that both stand in one table: which are trained
 * on, held out and tested is decided as in that task, by its words and {@code max_length}. What is
 * put around them here may not leave one out: a text longer than the model's positions is refused.
 */
interface SameRows extends AskedOtherwise {

    /** Why the rows can not be chosen by the model's chat template, after "is chat". */
    String whyNotChat();

    /**
     * The parts of that task with other texts.
     *
     * @param seed of the run
     */
    OpenInstructions.Parts reworded(OpenInstructions.Parts plain, long seed);

    @Override
    default void check(TaskConfig config, Problems problems) {
        AskedOtherwise.super.check(config, problems);
        problems.require(
                !asked().prompt().equals(Prompting.CHAT),
                "task.options.prompt",
                "is chat" + whyNotChat());
    }

    @Override
    default OpenInstructions open(TaskConfig config, TaskContext context) throws IOException {
        return asked().open(config, context, plain -> whole(plain, context.seed()));
    }

    private OpenInstructions.Parts whole(OpenInstructions.Parts plain, long seed) {
        var parts = reworded(plain, seed);
        requireAll(plain.splits().train(), parts.splits().train(), parts, 0);
        requireAll(plain.splits().validation(), parts.splits().validation(), parts, 0);
        requireAll(plain.splits().test(), parts.splits().test(), parts, asked().written());
        return parts;
    }

    private static void requireAll(
            AnswerRows plain, AnswerRows rows, OpenInstructions.Parts parts, int written) {
        int longest = rows.samples().stream().mapToInt(Sample::length).max().orElse(0);
        int positions = parts.model().positions();
        if (rows.size() < plain.size() || longest + written > positions) {
            throw new IllegalArgumentException(
                    "%s: with what is put around them %d of %d rows fit in the model's %d positions, the longest of these with %d tokens, behind which %d are to be written; put less around them (fewer shots), or ask for fewer new_tokens"
                            .formatted(
                                    rows.name(),
                                    rows.size(),
                                    plain.size(),
                                    positions,
                                    longest,
                                    written));
        }
    }
}
