package org.lowrank.data.score;

import java.util.List;
import org.lowrank.data.score.AnswerRule.Verdict;

/**
 * How a set's answers were judged by one rule.
 *
 * @param right answers that count as right
 * @param wrong answers with another value
 * @param none answers without a value, in the accuracy as wrong ones
 */
public record AnswerScore(int right, int wrong, int none) {

    /**
     * Judges one answer a row.
     *
     * @throws IllegalArgumentException if there is not one answer a reference, or no row
     */
    public static AnswerScore of(AnswerRule rule, List<String> answers, List<String> references) {
        if (answers.size() != references.size() || answers.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s answers for %s rows: there must be one each, and at least one"
                            .formatted(answers.size(), references.size()));
        }
        var counts = new int[Verdict.values().length];
        for (var row = 0; row < answers.size(); row++) {
            counts[rule.of(answers.get(row), references.get(row)).ordinal()]++;
        }
        return new AnswerScore(counts[0], counts[1], counts[2]);
    }

    /** The share of all rows that is right. */
    public double accuracy() {
        return right / (double) (right + wrong + none);
    }
}
