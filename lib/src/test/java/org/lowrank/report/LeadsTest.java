package org.lowrank.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.Records;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.SpecificationReader;

class LeadsTest {

    private static final String SPECIFICATION =
            """
            {
              "name": "leads",
              "title": "A table",
              "base": {"model": "mlp", "training": {"steps": 4}},
              "tasks": [
                {"label": "one", "with": {"task": {"name": "spiral/small"}}},
                {"label": "two", "with": {"task": {"name": "spiral/large"}}}
              ],
              "methods": [
                {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                {"label": "Better", "with": {"optimizer": {"name": "lora_pro"}}},
                {"label": "Equal", "with": {"optimizer": {"name": "altlora"}}}
              ],
              "protocol": {"kind": "fixed", "learning_rates": [0.001], "seeds": [0, 1, 2]},
              "frozen_encoder": false,
              AXES
              "baseline": "LoRA"
            }
            """;

    @TempDir private Path root;

    private ResultTable table(String axes) throws IOException {
        var folder = RunFolder.at(root);
        var planner =
                new Planner(
                        SpecificationReader.parse(SPECIFICATION.replace("AXES", axes), "", "t"),
                        folder);
        Records.finish(planner, folder, LeadsTest::outcome);
        return ResultTable.of(planner);
    }

    /** LoRA 0.50; Better 0.10 above it on one and Equal as it is, both but for a little by seed. */
    private static RunRecord outcome(PlannedRun run) {
        double little = 0.005 * run.config().seed();
        boolean one = run.cell().task().label().equals("one");
        double score =
                switch (run.cell().method().label()) {
                    case "Better" -> 0.5 + (one ? 0.1 : 0) + little;
                    case "Equal" -> 0.5 + (run.config().seed() == 1 ? 0.005 : -0.005);
                    default -> 0.5;
                };
        return Records.of(run.config(), 0.5, score, Map.of("yes", 9L, "no", 11L));
    }

    @Test
    void aMethodIsAheadWhereItsIntervalLeavesZeroOutside() throws IOException {
        var leads = new Leads(table(""));
        assertEquals("+10.50 [+9.26, +11.74]", leads.text("Better", "one"));
        assertEquals("-", leads.text("LoRA", "one"));
        assertEquals(
                List.of(new Leads.Verdict("Better", 1, 0, 1), new Leads.Verdict("Equal", 0, 0, 2)),
                leads.verdicts());
        assertEquals(List.of("Better"), leads.shownAbove("LoRA", "one"));
        assertEquals(List.of(), leads.shownAbove("LoRA", "two"));
        var words = leads.inWords();
        assertTrue(words.contains("Better: ahead of LoRA on 1, behind on 0 of 2"), words);
        assertTrue(words.contains("1 of 4 comparisons"), words);
        assertTrue(words.contains("ahead Better; behind none"), words);
    }

    @Test
    void theTableHasNoRowOfTheBaselineAndAColumnOfTheAverage() throws IOException {
        var shown = new Leads(table("")).table();
        assertEquals(List.of("method", "one", "two", "average of the sets"), shown.columnNames());
        assertEquals(List.of("Better", "Equal"), shown.stringColumn(0).asList());
    }

    @Test
    void differencesWithoutSpreadHaveNoInterval() {
        assertEquals("+0.25 on every seed", Leads.text(Summary.of(0.25, 0.25, 0.25)));
        assertEquals("+0.25", Leads.text(Summary.of(0.25)));
    }

    @Test
    void withoutABaselineThereIsNothingToBeAheadOf() throws IOException {
        var folder = RunFolder.at(root.resolve("none"));
        var without =
                SPECIFICATION
                        .replace("AXES\n", "")
                        .replace("false,", "false")
                        .replace("\"baseline\": \"LoRA\"", "");
        var results =
                ResultTable.of(new Planner(SpecificationReader.parse(without, "", "t"), folder));
        var refusal = assertThrows(IllegalArgumentException.class, () -> new Leads(results));
        assertTrue(refusal.getMessage().contains("names no baseline"), refusal.getMessage());
    }

    @Test
    void settingsStandInColumns() throws IOException {
        var settings = new SettingTable(table("\"axes\": {\"adapter.rank\": [1, 2]},"), "one");
        assertEquals(List.of("r = 1", "r = 2"), settings.settings());
        var shown = settings.of("scores", SettingTable::score);
        assertEquals(List.of("method", "r = 1", "r = 2"), shown.columnNames());
        assertEquals("60.5 ± 0.5", shown.stringColumn("r = 2").get(1));
        assertEquals("0.001", settings.of("rates", SettingTable::rate).stringColumn(1).get(0));
        assertTrue(settings.toldApart().contains("Better: 0 of 1 pairs told apart"));
        var refusal =
                assertThrows(IllegalArgumentException.class, () -> settings.cell("LoRA", "r = 9"));
        assertTrue(refusal.getMessage().contains("r = 1"), refusal.getMessage());
    }
}
