package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lowrank.report.FinishedTable.SPECIFICATION;
import static org.lowrank.report.FinishedTable.planner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;

class ResultTableTest {

    @TempDir private static Path root;
    private static RunFolder folder;
    private static ResultTable finished;

    @BeforeAll
    static void doEveryRun() throws IOException {
        var done = FinishedTable.in(root);
        folder = done.folder();
        finished = done.table();
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
}
