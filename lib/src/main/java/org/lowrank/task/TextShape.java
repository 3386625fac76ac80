package org.lowrank.task;

import org.lowrank.config.Problems;
import org.lowrank.text.TextTokenizer;

/**
 * How texts become batches.
 *
 * @param batchSize rows of a training batch
 * @param maxLength tokens of an input, the special ones among them; longer ones are cut
 * @param prefix put before every first text, for encoders that want one ("query: "); may be empty
 */
public record TextShape(int batchSize, int maxLength, String prefix) {

    /** No prefix. */
    public TextShape(int batchSize, int maxLength) {
        this(batchSize, maxLength, "");
    }

    /** Reports a length that leaves no room for a token of each text. */
    static void check(TaskConfig task, boolean pair, Problems problems) {
        int least = pair ? TextTokenizer.LEAST_LENGTH_OF_PAIR : TextTokenizer.LEAST_LENGTH;
        problems.require(
                task.maxLength() >= least,
                "task.max_length",
                ("is %s; allowed for %s: %s or more, a token of %s and the special ones"
                                + " around it")
                        .formatted(
                                task.maxLength(),
                                task.name(),
                                least,
                                pair ? "each of two sentences" : "the sentence"));
    }
}
