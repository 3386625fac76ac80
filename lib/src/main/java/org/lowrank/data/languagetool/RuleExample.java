package org.lowrank.data.languagetool;

import java.util.Optional;

/**
 * One example sentence of a rule file.
 *
 * @param rule the id of the rule group, or of the rule if it stands alone
 * @param before the text before the marked span; all of the text if nothing is marked
 * @param marked the marked span; empty if nothing is marked
 * @param after the text after the marked span
 * @param corrections what the rule proposes for the span, alternatives separated by {@code |} and
 *     an empty one for "delete it"; absent if the sentence is correct
 */
public record RuleExample(
        String rule, String before, String marked, String after, Optional<String> corrections) {

    /** The sentence as it stands. */
    public String sentence() {
        return before + marked + after;
    }

    public boolean isWrong() {
        return corrections.isPresent();
    }

    /** The sentence with the first correction in place of the marked span. */
    public String corrected() {
        var all = corrections.orElseThrow();
        var end = all.indexOf('|');
        return before + (end < 0 ? all : all.substring(0, end)) + after;
    }
}
