package org.lowrank.data.score;

import java.util.List;

/**
 * How likely a model finds the reference answers: Σ NLL / Σ tokens over all rows, so that long
 * answers weigh as much as their tokens; a column with less noise than an accuracy.
 *
 * @param nll the sum of -log p over the answer tokens of all rows, in nats
 * @param tokens the number of answer tokens
 * @param rows the number of rows
 */
public record AnswerLikelihood(double nll, long tokens, int rows) {

    /** One row: the sum of -log p over its answer tokens, and their number. */
    public record Row(double nll, long tokens) {}

    /**
     * Adds up rows, in their order.
     *
     * @throws IllegalArgumentException if there is none, or one without tokens, or one whose NLL is
     *     negative or no finite number; the message names it
     */
    public static AnswerLikelihood of(List<Row> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("no rows: a likelihood needs at least one answer");
        }
        double nll = 0;
        long tokens = 0;
        for (var i = 0; i < rows.size(); i++) {
            var row = rows.get(i);
            if (row.tokens < 1) {
                throw new IllegalArgumentException(
                        "row " + i + " has no answer token (cut off by the length limit?)");
            }
            if (!(row.nll >= 0) || Double.isInfinite(row.nll)) {
                throw new IllegalArgumentException(
                        "row " + i + ": an NLL of " + row.nll + " (did the run diverge?)");
            }
            nll += row.nll;
            tokens += row.tokens;
        }
        return new AnswerLikelihood(nll, tokens, rows.size());
    }

    /** Nats a token. */
    public double perToken() {
        return nll / tokens;
    }

    /** exp of the mean NLL a token. */
    public double perplexity() {
        return Math.exp(perToken());
    }
}
