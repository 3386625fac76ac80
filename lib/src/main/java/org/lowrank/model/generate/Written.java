package org.lowrank.model.generate;

import java.util.List;
import java.util.Locale;
import org.lowrank.linalg.DivergedException;

/**
 * What was written after some prompts, in their order.
 *
 * @param seconds from the first prompt's reading to the last token
 */
public record Written(List<Text> texts, double seconds) {

    /** Why a text ends. */
    public enum Ending {
        /** One of the ids that end a text came; it is the last id. */
        STOP_ID,
        /** One of the stop texts came; it is in the ids, but not in the text. */
        STOP_TEXT,
        /** It has as many tokens as were asked for. */
        MAX_NEW_TOKENS,
        /** The model has no position for another token. */
        CONTEXT,
        /** The thread was interrupted. */
        INTERRUPTED
    }

    /**
     * One continuation.
     *
     * @param ids what was added to the prompt
     * @param text the same in words, without what ended it; empty where there is no tokenizer
     * @param score of a beam: log-probability over length to the penalty; else NaN
     */
    public record Text(List<Integer> ids, String text, Ending ending, double score) {}

    /** The texts alone. */
    public List<String> strings() {
        return texts.stream().map(Text::text).toList();
    }

    /** The ids of one continuation. */
    public int[] ids(int text) {
        return texts.get(text).ids().stream().mapToInt(Integer::intValue).toArray();
    }

    public int tokens() {
        return texts.stream().mapToInt(text -> text.ids().size()).sum();
    }

    /** Tokens of all texts in a second, the reading of the prompts counted as time. */
    public double tokensPerSecond() {
        return seconds == 0 ? 0 : tokens() / seconds;
    }

    /** For example {@code 1 text, 48 tokens in 2.4 s, 20 tokens/s}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d %s, %d tokens in %.1f s, %.0f tokens/s",
                texts.size(),
                texts.size() == 1 ? "text" : "texts",
                tokens(),
                seconds,
                tokensPerSecond());
    }

    /**
     * @throws DivergedException if the best logit is not finite
     */
    static void requireFinite(double best) {
        if (!Double.isFinite(best)) {
            throw new DivergedException(
                    "the best logit of the next token is "
                            + best
                            + ": the weights or the adapter have diverged, or a file is broken");
        }
    }
}
