package org.lowrank.experiment.spec;

import java.util.List;
import org.lowrank.config.Problems;

/**
 * How the learning rate of a table cell is found, and how often the cell is measured.
 *
 * @param kind see {@link Kind}
 * @param learningRates the grid of {@link Kind#tuned}, for every method that brings none of the
 *     same size; for {@link Kind#fixed} one rate, or none if the rate is an axis
 * @param searchSeeds seeds of the search, 0 if not given; a rate's score is their mean
 * @param searchTrainRows rows that a run of the search trains on, a smaller budget for every method
 *     alike; 0 for as many as the evaluation
 * @param seeds seeds of the evaluation at the chosen rate, 1 to 3 if not given; none of the search:
 *     a rate suits the seed that chose it better than it suits others, so that seed's score would
 *     flatter the method
 * @param maxExtensions how many rates the engine may add beyond the edges of the grid when the best
 *     sits at one
 */
public record Protocol(
        Kind kind,
        List<Double> learningRates,
        List<Long> searchSeeds,
        Integer searchTrainRows,
        List<Long> seeds,
        Integer maxExtensions) {

    /** The axis of a table of rates; the protocol then is {@link Kind#fixed} and names none. */
    public static final String RATE_AXIS = "training.learning_rate";

    /** Where the rate comes from. */
    public enum Kind {
        /** Each method and task its own, chosen on a validation split with one budget for all. */
        tuned,
        /** One rate for all, as in the papers. */
        fixed
    }

    public Protocol {
        kind = kind == null ? Kind.tuned : kind;
        learningRates =
                learningRates == null ? List.of() : learningRates.stream().sorted().toList();
        searchSeeds = searchSeeds == null ? List.of(0L) : List.copyOf(searchSeeds);
        searchTrainRows = searchTrainRows == null ? 0 : searchTrainRows;
        seeds = seeds == null ? List.of(1L, 2L, 3L) : List.copyOf(seeds);
        maxExtensions = maxExtensions == null ? 2 : maxExtensions;
    }

    /**
     * @param rateAxis true if the learning rate is an axis of the table
     */
    void check(boolean rateAxis, Problems problems) {
        boolean fixed = kind == Kind.fixed;
        problems.require(
                fixed || !rateAxis,
                "protocol.kind",
                "is tuned, but " + RATE_AXIS + " is an axis; allowed: fixed");
        var allowed =
                rateAxis
                        ? "none, " + RATE_AXIS + " is an axis"
                        : fixed ? "1 (kind is fixed)" : "2 or more (kind is tuned)";
        int rates = learningRates.size();
        problems.require(
                rateAxis ? rates == 0 : fixed ? rates == 1 : rates >= 2,
                "protocol.learning_rates",
                "has " + rates + " rates; allowed: " + allowed);
        learningRates.forEach(rate -> problems.positive("protocol.learning_rates", rate));
        distinct(problems, "protocol.learning_rates", learningRates);
        distinct(problems, "protocol.seeds", seeds);
        distinct(problems, "protocol.search_seeds", searchSeeds);
        problems.require(!seeds.isEmpty(), "protocol.seeds", "is empty");
        problems.require(fixed || !searchSeeds.isEmpty(), "protocol.search_seeds", "is empty");
        var both = seeds.stream().filter(searchSeeds::contains).toList();
        problems.require(
                fixed || both.isEmpty(),
                "protocol.seeds",
                "holds seeds that choose the rate (protocol.search_seeds): "
                        + both
                        + "; a rate is judged on other seeds, so leave them out of one of the two");
        problems.atLeast("protocol.max_extensions", maxExtensions, 0);
        problems.atLeast("protocol.search_train_rows", searchTrainRows, 0);
    }

    private static void distinct(Problems problems, String field, List<?> values) {
        problems.require(
                values.stream().distinct().count() == values.size(),
                field,
                "holds a value twice: " + values);
    }
}
