package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.lowrank.experiment.spec.Profile;
import org.lowrank.report.chart.AxisCharts;
import org.lowrank.report.chart.ResultCharts;

class PublishedTablesTest {

    private static PublishedTables in(Profile profile) {
        return new PublishedTables(
                profile,
                Path.of("../notebooks/tables"),
                Path.of("../figures"),
                "language_model",
                1,
                () -> {
                    throw new AssertionError("runs something");
                });
    }

    @Test
    void quickShowsTheRecordsOfCpuAndRunsNothing() throws Exception {
        var tables = in(Profile.QUICK);
        assertEquals(Profile.CPU, tables.shown());
        var planner = tables.table("language_model");
        assertTrue(PublishedTables.done(planner) > 0);
        assertTrue(PublishedTables.done(planner) <= PublishedTables.expected(planner));
        assertTrue(
                PublishedTables.wide(planner)
                        .name()
                        .endsWith(
                                ": %d of %d runs are there"
                                        .formatted(
                                                PublishedTables.done(planner),
                                                PublishedTables.expected(planner))));
        var leads = PublishedTables.leads(planner);
        assertEquals(List.of("row", "difference", "told apart"), leads.columnNames());
        assertTrue(leads.rowCount() > 0);
        for (var told : leads.stringColumn(1)) {
            assertTrue(told.matches("-?\\d\\.\\d{3}( \\(.* to .*\\), n = \\d+|, one seed)"), told);
        }
    }

    @Test
    void lossesAreShownAsTheyAreAndTheirUntaughtRowIsTheModelAsItCame() throws Exception {
        var planner = in(Profile.QUICK).table("language_model");
        assertEquals(
                "Untrained model", PublishedTables.wide(planner).stringColumn("method").get(0));
        var charts = new ResultCharts(ResultTable.of(planner));
        var sweep = charts.learningRateSweep("SVAMP");
        assertEquals("validation answer NLL", sweep.getYAxisTitle());
        for (var line : sweep.getSeriesCollection()) {
            assertTrue(Arrays.stream(line.getYData()).allMatch(y -> y > 0), line.getName());
        }
        var rates = charts.rates();
        assertTrue(rates.getTitle().contains("above the method's least"), rates.getTitle());
        for (var chart : rates.charts()) {
            var points = ((XYChart) chart).getSeriesCollection().iterator().next().getYData();
            assertEquals(0, Arrays.stream(points).min().orElseThrow());
            assertTrue(Arrays.stream(points).allMatch(y -> y <= 1));
        }
        var losses = charts.lossPanels("SVAMP");
        assertTrue(
                losses.charts().stream().noneMatch(chart -> chart.getTitle().equals("LoRA")),
                losses.toString());
        assertTrue(losses.charts().size() > 1);
        var rateAndAlpha = in(Profile.QUICK).table("language_model_rates");
        var map =
                new AxisCharts(ResultTable.of(rateAndAlpha))
                        .heatMap("LoRA", "SVAMP", "training.learning_rate", "adapter.lora_alpha");
        assertEquals("LoRA on SVAMP: test answer NLL (lower is better)", map.getTitle());
    }

    @Test
    void aDifferenceOfOneSeedHasNoInterval() {
        assertEquals("0.250, one seed", PublishedTables.told(Summary.of(0.25)));
        assertEquals("0.250 (-0.385 to 0.885), n = 2", PublishedTables.told(Summary.of(0.2, 0.3)));
    }

    @Test
    void aPapersTableIsShownAsItIsPrinted() {
        var table = PaperTables.get("lora-pro/table-4").asTable();
        assertEquals("22.96 ± 1.96", table.getString(0, "HumanEval"));
        var costs = PaperTables.get("altlora/table-3").asTable();
        assertEquals("> 48.00", costs.getString(0, "memory (GB)"));
        assertEquals("263", costs.getString(0, "time (minutes)"));
        var twice = PaperTables.get("lora-pro/table-2");
        var rows = twice.asTable().stringColumn(0).asList();
        assertTrue(rows.containsAll(List.of("LoRA-Pro, r = 8, v2", "LoRA-Pro, r = 8, v3")));
        assertTrue(rows.contains("LoRA, r = 8"), rows.toString());
        assertTrue(
                twice.remarks().stream()
                        .anyMatch(r -> r.startsWith("LoRA-Pro, r = 8, v3, GSM8K: indirectly")),
                twice.remarks().toString());
        assertTrue(twice.remarks().containsAll(twice.notes()));
    }

    @Test
    void aTableThatThePapersDoNotHaveIsThatOfCpuInPaperToo() throws Exception {
        // gets as far as running what is missing
        var runs = assertThrows(AssertionError.class, () -> in(Profile.PAPER).table("glue_table"));
        assertEquals("runs something", runs.getMessage());
    }
}
