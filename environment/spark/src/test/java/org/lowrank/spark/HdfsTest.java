package org.lowrank.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationReader;

/** The shared folder on a real HDFS: a name node and a data node on the loopback address. */
@Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HdfsTest {

    @TempDir private static Path place;
    private static MiniDFSCluster hdfs;

    @TempDir private Path root;

    @BeforeAll
    static void startHdfs() throws IOException {
        hdfs = new MiniDFSCluster.Builder(new Configuration(), place.toFile()).build();
        hdfs.waitActive();
    }

    @AfterAll
    static void stopHdfs() {
        hdfs.shutdown(true);
    }

    private static URI folder(String name) {
        return URI.create(hdfs.getURI() + "/" + name);
    }

    @Test
    void aTableWhoseSharedFolderIsOnHdfsIsBitEqualToTheLocalOne() throws Exception {
        var here = RunFolder.at(root.resolve("here"));
        SparkRunnerTest.runHere(new Planner(table(), here), here);
        var there = RunFolder.at(root.resolve("there"));
        try (var cluster = new StandaloneCluster(root.resolve("cluster"), 1)) {
            var settings = new HashMap<>(cluster.settings());
            settings.put("lowrank.shared", folder("table").toString());
            var status =
                    SparkRunner.at(cluster.address(), SparkRunnerTest.OPTIONS, settings)
                            .run(new Planner(table(), there), there, at -> {});
            assertEquals("", status.failures());
        }
        var expected = SparkRunnerTest.reproducible(here);
        assertTrue(expected.size() >= 12, expected.size() + " runs");
        assertEquals(expected, SparkRunnerTest.reproducible(there));
        var shared = new SharedRuns(folder("table"));
        for (var hash : expected.keySet()) {
            assertTrue(shared.exists(hash + "/record.json"), hash);
            assertEquals(List.of(), shared.list(hash + "/checkpoints"));
        }
    }

    private static Grid table() {
        var text = Spirals.table().replace("[0.005, 0.02]", "[0.02], \"kind\": \"fixed\"");
        return SpecificationReader.parse(text, "", "test.json");
    }

    @Test
    void aFileComesWholeTheFirstOfTwoStaysAndALaterOneTakesItsPlace() throws IOException {
        var shared = new SharedRuns(folder("files"));
        shared.make();
        var first = Files.writeString(root.resolve("first"), "first");
        var second = Files.writeString(root.resolve("second"), "second");
        assertTrue(shared.putOnce(first, "run/record.json"));
        assertFalse(shared.putOnce(second, "run/record.json"));
        assertEquals("first", shared.text("run/record.json").orElseThrow());
        shared.put(second, "run/record.json"); // HDFS renames onto nothing that is there
        assertEquals("second", shared.text("run/record.json").orElseThrow());
        assertEquals(List.of("record.json"), shared.list("run"));
        shared.get("run/record.json", root.resolve("back"));
        assertEquals("second", Files.readString(root.resolve("back")));
        assertTrue(shared.written("run/record.json") > 0);
        shared.delete("run");
        assertFalse(shared.exists("run/record.json"));
    }

    @Test
    void aFileThatIsWrittenAgainIsNeverAway() throws Exception {
        var shared = new SharedRuns(folder("again"));
        shared.make();
        shared.put("0", "driver.txt");
        var over = new AtomicBoolean();
        Callable<Integer> reading =
                () -> {
                    int away = 0;
                    while (!over.get()) {
                        away += shared.text("driver.txt").isEmpty() ? 1 : 0;
                    }
                    return away;
                };
        var pool = Executors.newSingleThreadExecutor();
        var away = pool.submit(reading);
        for (int i = 1; i <= 100; i++) {
            shared.put(Integer.toString(i), "driver.txt");
        }
        over.set(true);
        assertEquals(0, away.get());
        pool.shutdown();
        assertEquals("100", shared.text("driver.txt").orElseThrow());
    }

    @Test
    void aSecondDriverOnAFolderOfHdfsIsRefused() throws IOException {
        var shared = new SharedRuns(folder("driver"));
        shared.make();
        try (var held = DriverLease.take(shared)) {
            var refused = assertThrows(IOException.class, () -> DriverLease.take(shared));
            assertTrue(refused.getMessage().contains("another driver"), refused.getMessage());
            assertTrue(held.isHeld());
        }
        assertEquals(List.of(), shared.list(""));
    }

    @Test
    void aNameNodeThatIsNotThereIsTold() {
        var gone =
                new SharedRuns(
                        URI.create("hdfs://127.0.0.1:1/runs"),
                        Map.of("ipc.client.connect.max.retries", "0"));
        var refused = assertThrows(IOException.class, gone::make).getMessage();
        assertTrue(refused.startsWith("the shared folder hdfs://127.0.0.1:1/runs cannot"), refused);
    }
}
