package org.lowrank.report.chart;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.report.FinishedTable.SPECIFICATION;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.FinishedTable;
import org.lowrank.report.ResultTable;

class ResultChartsTest {

    @TempDir private static Path root;
    private static ResultTable finished;

    @BeforeAll
    static void doEveryRun() throws IOException {
        var done = FinishedTable.in(root);
        finished = done.table();
    }

    private static ResultCharts charts(String axes) throws IOException {
        return charts(
                axes, run -> Records.of(run.config(), 0.5, 0.1 * run.config().adapter().rank()));
    }

    private static ResultCharts charts(String axes, Records.Outcome outcome) throws IOException {
        var specification =
                SPECIFICATION
                        .replace("\"baseline\"", "\"axes\": " + axes + ", \"baseline\"")
                        .replace("\"title\"", "\"frozen_encoder\": false, \"title\"");
        var runs = RunFolder.at(Files.createTempDirectory(root, "axes"));
        var planner = new Planner(SpecificationReader.parse(specification, "", "t"), runs);
        Records.finish(planner, runs, outcome);
        return new ResultCharts(ResultTable.of(planner));
    }

    @Test
    void aTableOverRanksHasACurveAMethodOverThem() throws IOException {
        var charts = charts("{\"adapter.rank\": [1, 2, 8]}").all();
        assertEquals(
                List.of("MRPC_loss", "MRPC_rates", "MRPC_over_rank"),
                charts.keySet().stream().limit(3).toList());
        var curve = (XYChart) charts.get("MRPC_over_rank");
        var label = curve.getStyler().getXAxisTickLabelsFormattingFunction();
        assertEquals(
                List.of("1", "", "2", "", "8"),
                Stream.of(0.0, 0.5, 1.0, 2.0, 3.0).map(label).toList());
        assertEquals(3, curve.getSeriesCollection().size());
        var line =
                curve.getSeriesCollection().stream()
                        .filter(s -> s.getName().equals("LoRA-Pro"))
                        .findFirst()
                        .orElseThrow();
        assertArrayEquals(new double[] {0, 1, 3}, line.getXData());
        assertArrayEquals(new double[] {10, 20, 80}, line.getYData(), 1e-9);
        var words = curve.toString();
        assertTrue(words.contains("LoRA-Pro from 10 at 1 to 80 at 8"), words);
    }

    @Test
    void aValueZeroHasAPlaceOnAnAxisOfRatios() throws IOException {
        var charts = charts("{\"adapter.lora_dropout\": [0, 0.0001, 0.02]}").all();
        var chart = (XYChart) charts.get("MRPC_over_loradropout");
        var line = chart.getSeriesCollection().iterator().next();
        assertArrayEquals(new double[] {1e-6, 1e-4, 0.02}, line.getXData(), 1e-12);
        assertTrue(chart.toString().contains(" at 0 to "), chart.toString());
        var label = chart.getStyler().getXAxisTickLabelsFormattingFunction();
        assertEquals(
                List.of("0", "", "1e-4", "0.01", "0.02", ""),
                Stream.of(1e-6, 2e-5, 1e-4, 0.01, 0.02, 0.03).map(label).toList());
    }

    @Test
    void aTableOverTwoAxesHasAMapAMethod() throws IOException {
        var charts =
                charts("{\"adapter.rank\": [1, 2], \"adapter.lora_alpha\": [8, 16, 32]}").all();
        var map = (HeatMapChart) charts.get("CoLA_LoRAPro_map");
        List<? extends Number[]> cells = map.getHeatMapSeries().getHeatData();
        assertEquals(6, cells.size());
        for (Number[] cell : cells) {
            assertEquals(cell[1].intValue() == 0 ? 10 : 20, cell[2].doubleValue(), 1e-9);
        }
        assertFalse(charts.containsKey("CoLA_over_rank"));
    }

    @Test
    void runsThatDivergeOrSayOneClassAreMapped() throws IOException {
        var charts =
                charts(
                                "{\"adapter.rank\": [1, 2], \"adapter.lora_alpha\": [8, 16]}",
                                run -> {
                                    var config = run.config();
                                    var adapter = config.adapter();
                                    if (adapter.rank() == 1 || adapter.loraAlpha() == 8) {
                                        return Records.of(config, 0.5, 0.6);
                                    }
                                    return switch (config.seed().intValue()) {
                                        case 0 -> Records.of(config, 0.5, 0.6);
                                        case 1 -> Records.of(config, 0.5, 0.5, Map.of("no", 20L));
                                        default -> Records.of(config, Double.NaN, Double.NaN);
                                    };
                                })
                        .all();
        var map = (HeatMapChart) charts.get("CoLA_LoRAPro_lost");
        for (Number[] cell : map.getHeatMapSeries().getHeatData()) {
            boolean corner = cell[0].intValue() == 1 && cell[1].intValue() == 1;
            assertEquals(corner ? 200.0 / 3 : 0, cell[2].doubleValue(), 1e-9);
        }
    }

    @Test
    void anAxisThatTheExperimentDoesNotHaveIsNamed() {
        var charts = new AxisCharts(finished);
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> charts.overAxis("MRPC", "adapter.rnak", true));
        assertTrue(error.getMessage().contains("no numeric axis adapter.rnak"), error.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> charts.heatMap("LoRA", "MRPC", "adapter.rnak", "adapter.rank"));
    }

    @Test
    void chartsHaveALineAMethodAndLabelledAxes() throws IOException {
        var charts = new ResultCharts(finished);
        var loss = charts.lossCurves("MRPC");
        assertEquals(4, loss.getSeriesCollection().size());
        assertEquals("loss minus that of LoRA", loss.getYAxisTitle());
        var sweep = charts.learningRateSweep("MRPC");
        assertEquals("learning rate", sweep.getXAxisTitle());
        assertEquals(4, sweep.getSeriesCollection().size());
        assertTrue(sweep.getStyler().isXAxisLogarithmic());
        var label = sweep.getStyler().getXAxisTickLabelsFormattingFunction();
        assertEquals(List.of("0.01", "", "1e-3"), Stream.of(0.01, 2e-3, 1e-3).map(label).toList());
    }
}
