package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.XYChart;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.chart.AxisCharts;
import org.lowrank.report.chart.ResultCharts;

class ResultTableTest {

    private static final String SPECIFICATION =
            """
            {
              "name": "glue_like",
              "title": "A table",
              "base": {"model": "mlp", "training": {"steps": 4}},
              "tasks": [
                {"label": "MRPC", "with": {"task": {"name": "spiral/small"}}},
                {"label": "CoLA", "with": {"task": {"name": "spiral/large"}}}
              ],
              "methods": [
                {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}},
                {"label": "Unstable", "with": {"optimizer": {"name": "altlora"}}}
              ],
              "protocol": {"learning_rates": [0.001, 0.01, 0.1], "search_seeds": [7], "seeds": [0, 1, 2],
                           "max_extensions": 0},
              "baseline": "LoRA",
              "reference": ["lora-pro/table-1", "altlora/table-4"]
            }
            """;

    @TempDir private static Path root;
    private static RunFolder folder;
    private static ResultTable finished;

    @BeforeAll
    static void doEveryRun() throws IOException {
        folder = RunFolder.at(root.resolve("runs"));
        var planner = planner(folder);
        Records.finish(planner, folder, ResultTableTest::outcome);
        finished = ResultTable.of(planner);
    }

    private static Planner planner(RunFolder folder) {
        return new Planner(SpecificationReader.parse(SPECIFICATION, "", "t"), folder);
    }

    /** LoRA 0.50, 0.51, 0.52 by seed and one class on MRPC; LoRA-Pro 0.02 above it, and so on. */
    private static RunRecord outcome(PlannedRun run) {
        var config = run.config();
        double rate = config.training().learningRate();
        var method = run.cell().method().label();
        if (method.equals("Unstable")) {
            boolean fine =
                    Set.of(0L, 7L).contains(config.seed())
                            && run.cell().task().label().equals("MRPC");
            return Records.of(config, fine ? 0.6 : Double.NaN, 0.6);
        }
        double score = 0.5 + 0.01 * config.seed() + (method.equals("LoRA-Pro") ? 0.02 : 0);
        boolean oneClass = method.equals("LoRA") && run.cell().task().label().equals("MRPC");
        double best = method.equals("LoRA-Pro") ? 0.1 : 0.01;
        return Records.of(
                config,
                rate == best ? 0.9 : 0.1,
                score,
                oneClass ? Map.of("yes", 20L, "no", 0L) : Map.of("yes", 9L, "no", 11L));
    }

    @Test
    void aCellHasMeanSpreadIntervalAndThePairedDifferenceToTheBaseline() throws IOException {
        var table = finished;
        var cell = table.cell("LoRA-Pro", "MRPC");
        assertEquals(53, cell.summary().orElseThrow().mean(), 1e-9);
        assertEquals(1, cell.summary().orElseThrow().standardDeviation(), 1e-9);
        var difference = cell.minus(table.baselineOf(cell).orElseThrow()).orElseThrow();
        assertEquals(2, difference.differences().mean(), 1e-9);
        // the seeds move both alike: the paired interval is a point, the unpaired one is not
        assertEquals(2, difference.differences().interval().low(), 1e-6);
        assertTrue(cell.summary().orElseThrow().interval().low() < 51);
        assertTrue(table.baselineOf(table.cell("LoRA", "MRPC")).isEmpty());
    }

    @Test
    void theRowsOfTheTrivialAndTheFrozenModelAreThere() throws IOException {
        var wide = new ResultFormat(finished).wide();
        assertEquals("Majority class", wide.stringColumn("method").get(0));
        assertEquals("50.00", wide.stringColumn("MRPC (accuracy)").get(0));
        assertEquals("Frozen encoder", wide.stringColumn("method").get(1));
        assertEquals("51.00 ± 1.00", wide.stringColumn("MRPC (accuracy)").get(1));
        assertEquals("51.00 ± 1.00", wide.stringColumn("average").get(1));
    }

    @Test
    void oneClassRunsDivergedRunsAndRatesAtTheEdgeAreMarked() throws IOException {
        var table = finished;
        assertEquals(3, table.cell("LoRA", "MRPC").oneClass());
        assertEquals(0, table.cell("LoRA", "CoLA").oneClass());
        assertEquals(2, table.cell("Unstable", "MRPC").diverged());
        var wide = new ResultFormat(table).wide();
        assertEquals("51.00 ± 1.00 (3 one-class)", wide.stringColumn("MRPC (accuracy)").get(2));
        assertEquals("53.00 ± 1.00 ↕", wide.stringColumn("MRPC (accuracy)").get(3));
        assertTrue(wide.stringColumn("MRPC (accuracy)").get(4).contains("(2 diverged)"));
        assertTrue(wide.stringColumn("CoLA (accuracy)").get(4).contains("diverged"));
        assertEquals("-", wide.stringColumn("average").get(4));
    }

    @Test
    void aNumberOfFewerSeedsThanPlannedSaysSo() throws IOException {
        var specification =
                SPECIFICATION.replace("\"title\"", "\"frozen_encoder\": false, \"title\"");
        var runs = RunFolder.at(Files.createTempDirectory(root, "one"));
        var planner = new Planner(SpecificationReader.parse(specification, "", "t"), runs);
        Records.finish(
                planner,
                runs,
                run -> {
                    boolean lost =
                            run.cell().task().label().equals("MRPC")
                                    && run.cell().method().label().equals("LoRA-Pro")
                                    && run.config().seed() == 2;
                    double score = lost ? Double.NaN : 0.5 + 0.01 * run.config().seed();
                    return Records.of(run.config(), score, score);
                });
        var format = new ResultFormat(ResultTable.of(planner));
        var average = format.wide().stringColumn("average");
        assertEquals("51.00 ± 1.00", average.get(1));
        assertEquals("50.50 ± 0.71 (2 of 3 seeds)", average.get(2));
        var detail = format.detail().where(t -> t.stringColumn("method").isEqualTo("LoRA-Pro"));
        assertEquals(List.of(2.0, 3.0), detail.doubleColumn("difference_n").asList());
    }

    @Test
    void thePapersNumbersStandBesideOursWithSourceAndVersionAndOnlyCheckedOnes()
            throws IOException {
        var format = new ResultFormat(finished);
        var papers = format.wide().stringColumn("MRPC, papers");
        assertEquals("68.38 ± 0.01 [1], 86.03 ± 0.24 [2]", papers.get(2));
        assertEquals("86.54 ± 0.50 [2]", papers.get(3), "LoRA-Pro's own cell is not verified");
        assertEquals(
                "LoRA-Pro, arXiv 2407.18242 v1-v3, table 1, read from: LoRA-MGPO (EMNLP Findings"
                        + " 2025), which reprints the baseline rows of LoRA-GA",
                format.citations().get(0));
        assertEquals(
                "AltLoRA, arXiv 2505.12455 NeurIPS 2025, table 4, read from: text of AltLoRA,"
                        + " NeurIPS 2025 version",
                format.citations().get(1));
    }

    @Test
    void aTableThatIsNotFinishedHasEmptyCellsAndSaysWhatIsMissing() throws IOException {
        var table = ResultTable.of(planner(RunFolder.at(root.resolve("nothing"))));
        var wide = new ResultFormat(table).wide();
        assertEquals("not run yet", wide.stringColumn("MRPC (accuracy)").get(2));
        var detail = new ResultFormat(table).detail();
        assertEquals(3, detail.intColumn("missing_runs").get(2));
        assertFalse(new ResultFiles(table).markdown().contains("NaN"));
    }

    @Test
    void everyFileListsTheRecordsItCameFromAndTheyAloneGiveTheTableAgain() throws IOException {
        var table = finished;
        var out = root.resolve("figures");
        new ResultFiles(table).write(out, folder);
        assertEquals(8 * 3 + (8 - 1) * 3, table.hashes().size());
        for (var hash : table.hashes()) {
            for (var end : new String[] {".md", ".tex", ".csv"}) {
                assertTrue(Files.readString(out.resolve("glue_like" + end)).contains(hash), end);
            }
        }
        var elsewhere = RunFolder.at(root.resolve("empty")).withArchive(out.resolve("glue_like"));
        var again = ResultTable.of(planner(elsewhere));
        assertEquals(new ResultFiles(table).csv(), new ResultFiles(again).csv());
        new ResultFiles(again).write(root.resolve("twice"), elsewhere);
        for (var task : List.of("small", "large")) {
            assertEquals(
                    -1,
                    Files.mismatch(archive(out, task), archive(root.resolve("twice"), task)),
                    "equal bytes");
        }
    }

    @Test
    void ofADamagedArchiveTheTableHasWhatIsReadableAndTellsWhatIsNot() throws IOException {
        var out = root.resolve("damaged");
        new ResultFiles(finished).write(out, folder);
        var archive = archive(out, "small");
        var bytes = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));
        var here = RunFolder.at(root.resolve("empty")).withArchive(out.resolve("glue_like"));
        var table = ResultTable.of(planner(here));
        assertEquals(finished.cell("LoRA", "CoLA").scores(), table.cell("LoRA", "CoLA").scores());
        var left = String.join("\n", table.leftOut());
        assertTrue(left.contains(archive + ": what follows record"), left);
        var page = new ResultFiles(table).markdown();
        assertTrue(page.contains("- Left out: " + archive), page);
        var refused = assertThrows(IOException.class, here::requireWholeArchives);
        assertEquals(left, refused.getMessage());
    }

    private static Path archive(Path out, String task) {
        return out.resolve("glue_like").resolve("spiral-" + task + ".jsonl.xz");
    }

    @Test
    void theDetailSaysHowManyRunsEachMethodWasGiven() throws IOException {
        var detail = new ResultFormat(finished).detail();
        assertTrue(detail.intColumn("search_runs").asSet().equals(java.util.Set.of(3)));
        assertEquals(0.1, detail.doubleColumn("learning_rate").get(4));
        assertEquals("yes", detail.stringColumn("rate_at_edge").get(4));
        assertEquals(2.0, detail.doubleColumn("difference").get(4));
    }

    @Test
    void aSignThatLatexReadsAsACommandIsEscaped() {
        var latex = new ResultFiles(finished).latex();
        assertTrue(latex.contains("LoRA & 51.00 $\\pm$ 1.00 (3 one-class)"), latex);
        assertEquals(
                "50 \\% \\{a\\_b\\} \\$x\\textasciicircum{}2",
                ResultFiles.escape("50 % {a_b} $x^2"));
    }

    @Test
    void aReferencedTableThatHasNothingForThisOneIsNamed() {
        var specification = SPECIFICATION.replace("lora-pro/table-1", "lora-pro/table-2");
        var grid = SpecificationReader.parse(specification, "", "t");
        var table = ResultTable.of(new Planner(grid, folder));
        assertEquals(List.of("lora-pro/table-2"), table.unusedReferences());
        assertTrue(new ResultFiles(table).markdown().contains("No number of lora-pro/table-2"));
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
