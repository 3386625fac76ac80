package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord.Status;

/** The job array as Slurm would run it: its body with an index each. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlurmScriptTest {

    @TempDir private Path root;

    private static final EngineOptions OPTIONS =
            EngineOptions.ofJobs(2).withThreads(1).withCheckpointEvery(Duration.ofSeconds(1));

    private Path script(Planner planner, RunFolder folder) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command =
                SlurmScript.quoted(java)
                        + " -XX:TieredStopAtLevel=1 -Dai.djl.offline=true"
                        + " -Dai.djl.pytorch.num_threads=1 -cp "
                        + SlurmScript.quoted(ClassPath.ofThisProcess())
                        + " org.lowrank.cli.Lowrank";
        var text = SlurmScript.of(planner, folder, OPTIONS, command);
        return Files.writeString(root.resolve("array.sh"), text);
    }

    private Process start(Path script, int index) throws Exception {
        var builder = new ProcessBuilder("bash", script.toString()).redirectErrorStream(true);
        builder.environment().put("SLURM_ARRAY_TASK_ID", Integer.toString(index));
        builder.environment().put("OPT_OUT_TRACKING", "true");
        return builder.redirectOutput(root.resolve("log-" + index).toFile()).start();
    }

    @Test
    void eachIndexDoesOneRunAndAPreemptedOneGoesOn() throws Exception {
        var folder = RunFolder.at(root.resolve("the runs' folder"));
        var planner = new Planner(Spirals.grid("\"steps\": 40", "\"steps\": 200"), folder);
        var script = script(planner, folder);
        assertEquals(0, new ProcessBuilder("bash", "-n", script.toString()).start().waitFor());
        var text = Files.readString(script);
        var missing = planner.missing();
        assertTrue(text.contains("#SBATCH --array=1-" + missing.size() + "%2\n"), text);

        assertEquals(0, start(script, 1).waitFor(), () -> log(1));
        assertEquals(Status.finished, folder.record(missing.get(0).hash()).orElseThrow().status());
        assertEquals(0, start(script, 1).waitFor(), "done is done");

        var preempted = start(script, 2);
        var metrics = folder.metrics(missing.get(1).hash());
        while (preempted.isAlive() && !Files.exists(metrics)) {
            Thread.sleep(5);
        }
        preempted.destroy();
        preempted.waitFor();
        assertEquals(0, start(script, 2).waitFor(), () -> log(2));
        assertEquals(Status.finished, folder.record(missing.get(1).hash()).orElseThrow().status());

        assertEquals(2, start(script, missing.size() + 1).waitFor());
        assertTrue(log(missing.size() + 1).contains("none has the number"));
        var left = planner.missing().stream().map(PlannedRun::hash).toList();
        assertTrue(
                left.containsAll(
                        missing.subList(2, missing.size()).stream()
                                .map(PlannedRun::hash)
                                .toList()));
        assertFalse(left.contains(missing.get(0).hash()) || left.contains(missing.get(1).hash()));
    }

    @Test
    void aJobOfARunOnAGpuAsksForOne() throws Exception {
        var folder = RunFolder.at(root.resolve("runs"));
        var planner = new Planner(Spirals.grid(), folder);
        assertFalse(SlurmScript.of(planner, folder, OPTIONS, "lowrank").contains("--gpus"));
        var gpu = SlurmScript.of(planner, folder, OPTIONS.withDevices(List.of("gpu")), "lowrank");
        assertTrue(gpu.contains("\n#SBATCH --cpus-per-task=1\n#SBATCH --gpus-per-task=1\n"), gpu);
    }

    private String log(int index) {
        try {
            return Files.readString(root.resolve("log-" + index));
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
