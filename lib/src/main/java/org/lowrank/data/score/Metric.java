package org.lowrank.data.score;

import java.util.List;

/**
 * A score by name; all are better when larger, and 1 is perfect.
 *
 * @param <P> what is said of one row: a class, a number, a text
 * @param <T> what is true of it
 */
public interface Metric<P, T> {

    /** The key in run records and tables, for example {@code matthews}. */
    String label();

    /**
     * The score.
     *
     * @param said of each row
     * @param truth of each row, in the same order
     */
    double of(List<P> said, List<T> truth);
}
