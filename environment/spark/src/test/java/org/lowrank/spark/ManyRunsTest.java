package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
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

/**
 * Plans of many runs without work: what planning, scheduling and the table take by themselves.
 * Growth is judged by processor time, which other work on the machine does not change.
 */
@Tag("soak")
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyRunsTest {

    /** Of the small table: two tasks, three methods and the frozen network. */
    private static final int CELLS = 8;

    private static final int SEARCH = 2;

    @TempDir private Path root;

    /** What a size took, to be held against the next. */
    private record Taken(int runs, double processorSeconds, long heap) {}

    private static Taken before;

    @ParameterizedTest
    @ValueSource(ints = {1000, 10_000, 100_000})
    void planScheduleAndTableGrowLinearly(int runs) throws Exception {
        var folder = RunFolder.at(root);
        var seeds = SparkRunnerTest.seeds(runs / CELLS - SEARCH);
        long empty = heap();
        long began = System.nanoTime();
        double start = processorSeconds();
        var planner = new Planner(Spirals.grid("\"seeds\": [1, 2]", seeds), folder);
        planner.plan();
        double planned = processorSeconds() - start;
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
        start = processorSeconds();
        var status = runner.run(planner, folder, at -> {});
        double scheduled = processorSeconds() - start;
        assertEquals(status.total(), status.done(), status.failures());
        start = processorSeconds();
        int bytes = new ResultFiles(ResultTable.of(planner)).csv().length();
        double tabled = processorSeconds() - start;
        double clock = (System.nanoTime() - began) / 1e9;
        long heap = heap() - empty;
        System.out.printf(
                Locale.ROOT,
                "| %d | %.1f | %.1f | %.2f | %.1f | %.0f | %d |%n",
                status.done(),
                planned,
                scheduled,
                1e3 * scheduled / status.done(),
                tabled,
                clock,
                heap >> 20);
        assertTrue(bytes > 0);
        var now = new Taken(status.done(), planned + scheduled + tabled, heap);
        if (before != null) {
            double more = (double) now.runs() / before.runs();
            // half as much again: noise, and what an application takes whatever its size
            assertTrue(
                    now.processorSeconds() < 1.5 * more * before.processorSeconds(),
                    before + ", then " + now);
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

    /** Of all threads of this process. */
    private static double processorSeconds() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime() / 1e9;
    }
}
