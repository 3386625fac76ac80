package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.experiment.run.SumsTable.grid;
import static org.lowrank.experiment.run.SumsTable.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;
import org.lowrank.task.Tasks;

/** What a table over written answers asks for, and what it shows. */
class InstructionTableTest {

    @TempDir private Path root;
    private SumsTable sums;

    @BeforeEach
    void files() throws IOException {
        sums = SumsTable.in(root);
    }

    @Test
    void whatATableGetsWrongIsSaidByItsField() {
        var options = "\"judged\": \"BY_NUMBER\"";
        var wrong =
                Map.of(
                        "\"jugded\": \"BY_NUMBER\"", "task.options.jugded is not an option",
                        "\"judged\": \"BY_EYE\"", "'judged' must be one of",
                        "\"prompt\": \"alpacca\"", "no prompt template \"alpacca\"",
                        "\"new_tokens\": 0", "new_tokens must be 1 or more");
        wrong.forEach(
                (now, words) -> {
                    var old = now.contains("new_tokens") ? "\"new_tokens\": 4" : options;
                    var error =
                            assertThrows(SpecificationException.class, () -> sums.config(old, now));
                    assertTrue(error.getMessage().contains(words), error.getMessage());
                });
        var error =
                assertThrows(
                        SpecificationException.class,
                        () ->
                                grid(
                                        sums.table()
                                                .replace(
                                                        "\"train\": \""
                                                                + root.resolve("train.jsonl")
                                                                + "\", ",
                                                        "")));
        assertTrue(
                error.getMessage().contains("task.options.train is missing"), error.getMessage());
    }

    @Test
    void theRateIsChosenByTheSmallestLoss() {
        var cell = grid(sums.table()).cells().get(0);
        assertEquals("answer_nll", Planner.metric(cell));
        assertEquals("answer_nll", Planner.searchMetric(cell));
        assertTrue(Planner.isLoss(cell, "answer_nll"));
        assertFalse(Tasks.named(cell.template().at("/task/name").asText()).isLoss("exact_match"));
    }

    @Test
    void aTableOfWrittenAnswersFindsItsRatesByAMetricOfValidationRows() throws IOException {
        var tuned =
                sums.table()
                        .replace(
                                "\"label\": \"Sums\"",
                                "\"label\": \"Sums\", \"metric\": \"expression\"")
                        .replace(
                                "\"kind\": \"fixed\", \"learning_rates\": [2e-2]",
                                "\"kind\": \"tuned\", \"learning_rates\": [1e-3, 2e-2],"
                                        + " \"search_seeds\": [0], \"max_extensions\": 0")
                        .replace("\"steps\": 12", "\"steps\": 4");
        var error = assertThrows(SpecificationException.class, () -> grid(tuned));
        assertTrue(
                error.getMessage().contains("\"expression\" is measured on test rows alone"),
                error.getMessage());
        assertTrue(error.getMessage().contains("[answer_nll, perplexity]"), error.getMessage());
        var by = "\"metric\": \"expression\", \"search_metric\": ";
        var unknown = tuned.replace("\"metric\": \"expression\"", by + "\"nll\"");
        assertTrue(
                assertThrows(SpecificationException.class, () -> grid(unknown))
                        .getMessage()
                        .contains("search_metric"));
        var grid = grid(tuned.replace("\"metric\": \"expression\"", by + "\"answer_nll\""));
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = new Planner(grid, folder);
        while (!planner.missing().isEmpty()) {
            run(folder, planner.missing().get(0).config());
        }
        var plan = planner.plan().get(0);
        double least =
                plan.search().stream()
                        .map(r -> r.record().orElseThrow().trainInfo().validation().metrics())
                        .mapToDouble(m -> m.get("answer_nll"))
                        .min()
                        .orElseThrow();
        var scores = RateScore.of(plan);
        assertEquals(-least, scores.get(1).score(), "2e-2 is better after four steps");
        assertEquals(2e-2, plan.choice().orElseThrow().learningRate());
        var results = ResultTable.of(planner);
        assertEquals("expression", results.cells().get(0).metric());
        var text = new ResultFiles(results).markdown();
        assertTrue(text.contains("(Sums by answer_nll)"), text);
    }

    @Test
    void aTableShowsALossAsItIs() throws IOException {
        var folder = RunFolder.at(root.resolve("runs"));
        var record = run(folder, sums.config("\"judged\": \"BY_NUMBER\", ", ""));
        var small = sums.table().replace("\"judged\": \"BY_NUMBER\", ", "");
        var results = ResultTable.of(new Planner(grid(small), folder));
        var nll = record.trainInfo().test().metrics().get("answer_nll");
        var text = new ResultFiles(results).markdown();
        assertTrue(text.contains(String.format(Locale.ROOT, "| LoRA | %.3f |", nll)), text);
        assertTrue(text.contains("answer_nll: as it is, not in per cent"), text);
    }
}
