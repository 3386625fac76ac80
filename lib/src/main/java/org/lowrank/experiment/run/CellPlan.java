package org.lowrank.experiment.run;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lowrank.experiment.spec.Cell;

/**
 * The runs of one cell as far as they are known: the evaluation follows from the search.
 *
 * @param search runs that choose the rate; empty if the protocol fixes it
 * @param choice the rate, once the search is over
 * @param evaluation runs at the chosen rate, empty before it is known
 * @param expectedEvaluations how many there are or will be
 */
public record CellPlan(
        Cell cell,
        List<PlannedRun> search,
        Optional<Choice> choice,
        List<PlannedRun> evaluation,
        int expectedEvaluations) {

    /**
     * How the rate was found.
     *
     * @param learningRate the rate of the evaluation
     * @param triedRates every rate of the search
     * @param atEdge true if the best rate, or one as good, is the smallest or the largest that was
     *     tried: a better one may lie beyond
     * @param allDiverged true if no rate ended with a finite score
     */
    public record Choice(
            double learningRate, List<Double> triedRates, boolean atEdge, boolean allDiverged) {}

    /** All runs that are known. */
    public Stream<PlannedRun> runs() {
        return Stream.concat(search.stream(), evaluation.stream());
    }

    /** Runs that are known, and those that will follow at least. */
    public int expectedRuns() {
        return search.size() + expectedEvaluations;
    }

    public boolean isDone() {
        return choice.isPresent() && runs().allMatch(PlannedRun::isDone);
    }
}
