package org.lowrank.data;

import java.util.Objects;
import java.util.Optional;

/**
 * One text, or pair of texts, and what is to be predicted of it.
 *
 * @param text the (first) text; blank only beside a second text that is not, as QQP has it
 * @param secondText the second text of a pair, for example the hypothesis of an entailment task
 * @param target the class as a whole number from 0, or the score of a regression task
 * @param origin the part of the source that the example comes from (a rule, a genre, a
 *     publication), or an empty string where the source names none
 */
public record LabelledText(String text, Optional<String> secondText, double target, String origin) {

    public LabelledText {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(secondText, "secondText");
        Objects.requireNonNull(origin, "origin");
        if (text.isBlank() && secondText.map(String::isBlank).orElse(true)) {
            throw new IllegalArgumentException("an example has no text at all, only blanks");
        }
        if (!Double.isFinite(target)) {
            throw new IllegalArgumentException(
                    "the target of '" + text + "' is " + target + ", not a finite number");
        }
    }

    /** A single text with a class. */
    public static LabelledText of(String text, int label, String origin) {
        return new LabelledText(text, Optional.empty(), label, origin);
    }

    /** A pair of texts with a class or a score. */
    public static LabelledText ofPair(String first, String second, double target, String origin) {
        return new LabelledText(first, Optional.of(second), target, origin);
    }

    /**
     * The target as a class.
     *
     * @throws IllegalStateException if the target is a score, not a whole number from 0
     */
    public int label() {
        var label = (int) target;
        if (label != target || label < 0) {
            throw new IllegalStateException(
                    "the target " + target + " of '" + text + "' is a score, not a class");
        }
        return label;
    }
}
