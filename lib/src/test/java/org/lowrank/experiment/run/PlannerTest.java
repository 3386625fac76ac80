package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.experiment.spec.SpecificationReader;

/** The protocol on records whose scores are a known function of the rate. */
class PlannerTest {

    @TempDir private Path root;

    private static final String ONE_CELL =
            """
            {
              "name": "one",
              "base": {"model": "mlp", "training": {"steps": 4}},
              "tasks": [{"label": "small", "with": {"task": {"name": "spiral/small"}}}],
              "methods": [{"label": "LoRA"}],
              "frozen_encoder": false,
              "protocol": {"learning_rates": [0.001, 0.01, 0.1], "search_seeds": [5, 6],
                           "seeds": [0, 1, 2], "max_extensions": 2}
            }
            """;

    /** Does every planned run as {@code score} says (NaN: diverged) until nothing is missing. */
    private CellPlan finish(String specification, DoubleUnaryOperator score) throws IOException {
        var folder = RunFolder.at(root);
        var planner = new Planner(SpecificationReader.parse(specification, "", "t"), folder);
        while (true) {
            var missing =
                    planner.plan().stream()
                            .flatMap(CellPlan::runs)
                            .filter(run -> !run.isDone())
                            .toList();
            if (missing.isEmpty()) {
                return planner.plan().get(0);
            }
            for (var run : missing) {
                double value = score.applyAsDouble(run.config().training().learningRate());
                folder.save(Records.of(run.config(), value, value));
            }
        }
    }

    @Test
    void theBestRateInsideTheGridIsTakenWithoutExtension() throws IOException {
        var cell = finish(ONE_CELL, rate -> rate == 0.01 ? 0.9 : 0.5);
        var choice = cell.choice().orElseThrow();
        assertEquals(0.01, choice.learningRate());
        assertEquals(List.of(0.001, 0.01, 0.1), choice.triedRates());
        assertFalse(choice.atEdge());
        assertEquals(6, cell.search().size());
        assertEquals(3, cell.evaluation().size());
        assertTrue(
                cell.evaluation().stream()
                        .allMatch(r -> r.config().phase() == RunConfig.Phase.evaluation));
    }

    @Test
    void aBestRateAtTheEdgeExtendsTheGridByItsOwnRatioUntilItIsInside() throws IOException {
        // best at 0.3: above the grid, below the first rate that is added
        var choice =
                finish(ONE_CELL, rate -> -Math.abs(Math.log(rate / 0.3))).choice().orElseThrow();
        assertEquals(List.of(0.001, 0.01, 0.1, 1.0), choice.triedRates());
        assertEquals(0.1, choice.learningRate());
        assertFalse(choice.atEdge());
    }

    @Test
    void ofEqualScoresTheSmallerRateIsTaken() throws IOException {
        var choice = finish(ONE_CELL, rate -> rate < 0.05 ? 0.9 : 0.5).choice().orElseThrow();
        assertEquals(List.of(1e-5, 1e-4, 0.001, 0.01, 0.1), choice.triedRates());
        assertEquals(1e-5, choice.learningRate());
        assertTrue(choice.atEdge());
    }

    @Test
    void aRateAtTheUpperEdgeThatIsAsGoodAsTheBestIsLookedBeyondToo() throws IOException {
        var inside =
                finish(ONE_CELL, rate -> rate > 0.005 && rate < 0.5 ? 0.9 : 0.5)
                        .choice()
                        .orElseThrow();
        assertEquals(List.of(0.001, 0.01, 0.1, 1.0), inside.triedRates());
        assertEquals(0.01, inside.learningRate());
        assertFalse(inside.atEdge());
    }

    @Test
    void aPlateauThatReachesTheUpperEdgeIsMarked() throws IOException {
        var choice = finish(ONE_CELL, rate -> rate > 0.005 ? 0.9 : 0.5).choice().orElseThrow();
        assertEquals(List.of(0.001, 0.01, 0.1, 1.0, 10.0), choice.triedRates());
        assertEquals(0.01, choice.learningRate());
        assertTrue(choice.atEdge());
    }

    @Test
    void aBestRateThatIsStillAtTheEdgeAfterTheLastExtensionIsMarked() throws IOException {
        var cell = finish(ONE_CELL, rate -> rate);
        var choice = cell.choice().orElseThrow();
        assertEquals(List.of(0.001, 0.01, 0.1, 1.0, 10.0), choice.triedRates());
        assertTrue(choice.atEdge());
        assertEquals(10, cell.search().size());
    }

    @Test
    void aDivergedRateBeyondTheBestIsAnEdgeThatWasLookedAt() throws IOException {
        var choice =
                finish(ONE_CELL, rate -> rate > 0.05 ? Double.NaN : rate).choice().orElseThrow();
        assertEquals(0.01, choice.learningRate());
        assertFalse(choice.atEdge());
    }

    @Test
    void aMethodThatDivergesEverywhereIsSearchedDownwardsAndThenLeftEmpty() throws IOException {
        var cell = finish(ONE_CELL, rate -> Double.NaN);
        var choice = cell.choice().orElseThrow();
        assertTrue(choice.allDiverged());
        assertEquals(1e-5, choice.triedRates().get(0), 1e-12);
        assertEquals(0, cell.evaluation().size());
        assertTrue(cell.isDone());
    }

    @Test
    void aMethodMayBringItsOwnGridOfTheSameSize() throws IOException {
        var own =
                ONE_CELL.replace(
                        "\"label\": \"LoRA\"",
                        "\"label\": \"LoRA\", \"learning_rates\": [0.3, 0.03, 0.1]");
        var choice = finish(own, rate -> rate == 0.1 ? 0.9 : 0.5).choice().orElseThrow();
        assertEquals(List.of(0.03, 0.1, 0.3), choice.triedRates());
        assertEquals(0.1, choice.learningRate());
    }

    @Test
    void aTableOfRatesRunsEachRateOfItsAxisWithoutSearch() throws IOException {
        var axis =
                ONE_CELL.replace("\"learning_rates\": [0.001, 0.01, 0.1],", "\"kind\": \"fixed\",")
                        .replace(
                                "\"frozen_encoder\"",
                                "\"axes\": {\"training.learning_rate\": [0.5, 0.25]},"
                                        + " \"frozen_encoder\"");
        var cell = finish(axis, rate -> 0.5);
        assertEquals(0, cell.search().size());
        assertEquals(3, cell.evaluation().size());
        assertTrue(
                cell.evaluation().stream()
                        .allMatch(run -> run.config().training().learningRate() == 0.5));
    }

    @Test
    void thePapersProtocolHasOneRateAndNoSearch() throws IOException {
        var fixed =
                ONE_CELL.replace("[0.001, 0.01, 0.1]", "[0.0001]")
                        .replace("\"protocol\": {", "\"protocol\": {\"kind\": \"fixed\",");
        var cell = finish(fixed, rate -> 0.5);
        assertEquals(0, cell.search().size());
        assertEquals(3, cell.evaluation().size());
        assertEquals(0.0001, cell.choice().orElseThrow().learningRate());
    }

    @Test
    void searchRunsAndEvaluationRunsAreDifferentRunsSoThatTheTestSplitIsTouchedOnce()
            throws IOException {
        var cell = finish(ONE_CELL, rate -> rate == 0.01 ? 1 : 0);
        long distinct = cell.runs().map(PlannedRun::hash).distinct().count();
        assertEquals(6 + 3, distinct);
    }

    @Test
    void aSmallerBudgetOfTheSearchIsTheSameForAllAndLeavesTheEvaluationWhole() throws IOException {
        var small =
                ONE_CELL.replace("\"protocol\": {", "\"protocol\": {\"search_train_rows\": 64,");
        var cell = finish(small, rate -> rate == 0.01 ? 1 : 0);
        assertTrue(cell.search().stream().allMatch(r -> r.config().task().trainRows() == 64));
        assertTrue(cell.evaluation().stream().allMatch(r -> r.config().task().trainRows() == 0));
        var less = cell.cell().searchConfig(0.01, 0, 0);
        assertEquals(0, less.task().trainRows());
    }

    @Test
    void aMetricThatTheTaskDoesNotReportIsRefusedWithThoseItDoes() {
        var typo =
                ONE_CELL.replace(
                        "\"label\": \"small\",", "\"label\": \"small\", \"metric\": \"acc\",");
        var error = assertThrows(SpecificationException.class, () -> finish(typo, rate -> 1));
        assertTrue(error.getMessage().contains("metric is \"acc\"; allowed: accuracy"));
    }
}
