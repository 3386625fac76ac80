package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.lowrank.engine.Devices;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.train.Checkpoints;

@Isolated("the device is the whole process's")
class RunExecutionTest {

    @TempDir private Path root;

    @Test
    void aModelWithoutFiniteOutputOnTheTestSplitHasDivergedAndIsNotDoneAgain() throws IOException {
        var folder = RunFolder.at(root);
        var cell = Spirals.grid("\"model\": \"mlp\"", "\"model\": \"overflows\"").cells().get(0);
        var config = cell.config(0.02, 1, RunConfig.Phase.evaluation);
        folder.request(config);
        var execution = new RunExecution(folder, Checkpoints.Interval.STANDARD);
        var record = execution.execute(config.hash()).orElseThrow();
        assertEquals(RunRecord.Status.diverged, record.status(), record.runInfo().errorMsg());
        assertTrue(record.runInfo().errorMsg().contains("scores after the last step"));
        assertEquals(record.trainInfo().totalSteps(), record.trainInfo().steps());
        assertNull(record.trainInfo().test());
        assertEquals(record, execution.execute(config.hash()).orElseThrow());
    }

    @Test
    void aRecordTellsWhereWasComputedAndInWhichNumbers() throws IOException {
        var system = done().metaInfo().system();
        assertEquals("cpu", system.get("device"));
        assertEquals("float32", system.get("base_dtype"));
        assertEquals("float32", system.get("adapter_dtype"));
    }

    @Test
    void aDeviceThatIsNotThereEndsTheRunAsFailedAndTheProcessorDoesNotStandIn() throws IOException {
        System.setProperty(Devices.PROPERTY, "gpu:99");
        try {
            var record = done();
            assertEquals(RunRecord.Status.failed, record.status());
            var said = record.runInfo().errorMsg();
            assertTrue(said.contains("device gpu:99 is not there: the engine sees"), said);
            assertTrue(record.metaInfo().system().get("device").toString().startsWith("none: "));
        } finally {
            System.clearProperty(Devices.PROPERTY);
        }
    }

    private RunRecord done() throws IOException {
        var folder = RunFolder.at(root);
        var config = Spirals.run("adamw", 2, 1);
        folder.request(config);
        var execution = new RunExecution(folder, Checkpoints.Interval.STANDARD);
        return execution.execute(config.hash()).orElseThrow();
    }
}
