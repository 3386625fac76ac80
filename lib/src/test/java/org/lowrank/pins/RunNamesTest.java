package org.lowrank.pins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lowrank.config.Json;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;

/** A run keeps its name, and a record is read as it was written. */
class RunNamesTest {

    static final String PLANS = "run_names.txt";
    static final String RECORDS = "records.txt";
    static final String EXAMPLES = "run_configs.jsonl";

    static List<Path> archives() throws IOException {
        return RunNames.archives();
    }

    @Test
    void theRunsOfEveryTableAndProfileHaveTheirNames() throws IOException {
        assertEquals(Pins.lines(PLANS), RunNames.plans());
    }

    @Test
    void aConfigurationReadFromJsonHasItsNameAndIsWrittenAsItWas() throws IOException {
        var lines = Pins.lines(EXAMPLES);
        assertFalse(lines.isEmpty());
        for (var line : lines) {
            var name = line.substring(0, 16);
            var json = line.substring(17);
            var config = Json.mapper().readValue(json, RunConfig.class);
            assertEquals(name, config.hash(), json);
            assertEquals(json, Json.line(config));
        }
    }

    @Test
    void noRecordIsLost() throws IOException {
        assertEquals(Pins.lines(RECORDS), RunNames.records());
    }

    @ParameterizedTest
    @MethodSource("archives")
    void everyRecordIsReadAndItsConfigurationHashesToItsName(Path folder) throws IOException {
        var runs = RunNames.empty().withArchive(folder);
        for (var file : RunNames.lines(folder).entrySet()) {
            for (var line : file.getValue()) {
                check(line, runs);
            }
        }
    }

    private static void check(String line, RunFolder runs) throws IOException {
        var name = RunNames.name(Json.mapper().readTree(line));
        var record = Json.mapper().readValue(line, RunRecord.class);
        assertEquals(name, record.runInfo().config().hash());
        assertEquals(record.runInfo().configSha256(), record.runInfo().config().sha256(), name);
        assertEquals(line, Json.line(record), "written again");
        assertTrue(runs.record(name).isPresent(), name);
    }
}
