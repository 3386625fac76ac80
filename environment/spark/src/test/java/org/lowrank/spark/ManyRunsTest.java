package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.report.ResultFiles;
import org.lowrank.report.ResultTable;

/** Plans of many runs without work: what planning, scheduling and the table take by themselves. */
@Tag("soak")
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyRunsTest {

    /** Of the small table: two tasks, three methods and the frozen network. */
    private static final int CELLS = 8;

    private static final int SEARCH = 2;

    @TempDir private Path root;

    /** What a size took, to be held against the next. */
    private record Taken(int runs, double seconds, long heap) {}

    private static Taken before;

    @ParameterizedTest
    @ValueSource(ints = {1000, 10_000, 100_000})
    void planScheduleAndTableGrowLinearly(int runs) throws Exception {
        var folder = RunFolder.at(root);
        var seeds = SparkRunnerTest.seeds(runs / CELLS - SEARCH);
        long empty = heap();
        long start = System.nanoTime();
        var planner = new Planner(Spirals.grid("\"seeds\": [1, 2]", seeds), folder);
        planner.plan();
        double planned = seconds(start);
        var settings =
                Map.of(
                        "spark.ui.enabled",
                        "false",
                        "spark.driver.host",
                        "127.0.0.1",
                        "spark.driver.bindAddress",
                        "127.0.0.1");
        var runner =
                SparkRunner.withWorkload(
                        "local[8]",
                        EngineOptions.standard().withThreads(1),
                        settings,
                        new NoWork());
        start = System.nanoTime();
        var status = runner.run(planner, folder, at -> {});
        double scheduled = seconds(start);
        assertEquals(status.total(), status.done(), status.failures());
        start = System.nanoTime();
        int bytes = new ResultFiles(ResultTable.of(planner)).csv().length();
        double tabled = seconds(start);
        long heap = heap() - empty;
        System.out.printf(
                Locale.ROOT,
                "| %d | %.2f | %.1f | %.2f | %.2f | %d | %d |%n",
                status.done(),
                planned,
                scheduled,
                1e3 * scheduled / status.done(),
                tabled,
                bytes,
                heap >> 20);
        var now = new Taken(status.done(), planned + scheduled + tabled, heap);
        if (before != null) {
            double more = (double) now.runs() / before.runs();
            // half as much again: noise, and what an application takes whatever its size
            assertTrue(now.seconds() < 1.5 * more * before.seconds(), before + ", then " + now);
            assertTrue(now.heap() < 1.5 * more * before.heap(), before + ", then " + now);
        }
        before = now;
    }

    /** Bytes that are in use once garbage is gone. */
    private static long heap() {
        System.gc();
        var memory = Runtime.getRuntime();
        return memory.totalMemory() - memory.freeMemory();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
