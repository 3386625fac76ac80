package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.experiment.record.RunFolder;

/** A clock that is set back: no order, no time and no choice of a checkpoint hangs on it. */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClockSetBackTest {

    @TempDir private Path root;
    private Killed killed;

    @BeforeEach
    void doAllUndisturbed() throws Exception {
        killed = new Killed(root);
    }

    @AfterEach
    void endProcesses() {
        killed.close();
    }

    /** What lies there is of the days to come, as when the clock is set back after a kill. */
    @Test
    void filesOfTheFutureAreGoneOnFrom() throws Exception {
        var config = killed.configs.get(1);
        var folder = RunFolder.at(root.resolve("future"));
        folder.request(config);
        var process = killed.start(Map.of(), Killed.runCommand(folder, config));
        Killed.await(process, () -> Killed.holdsCheckpoint(folder, config));
        killed.kill(process);
        Killed.age(folder.root(), Duration.ofDays(3));
        var record = Killed.finish(folder, config);
        killed.assertSame(folder, config);
        assertTrue(record.runInfo().resumedAtStep() > 0);
        assertEquals(2, record.runInfo().attempts().size());
    }

    /**
     * The clock of a process is set back by five days while it trains, by the library of <a
     * href="https://github.com/wolfcw/libfaketime">libfaketime</a> where that is installed.
     */
    @Test
    void aClockThatIsSetBackChangesNothing() throws Exception {
        var library = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
        assumeTrue(Files.exists(library), "skipped: libfaketime is not installed");
        var config = killed.configs.get(1);
        var folder = RunFolder.at(root.resolve("clock"));
        folder.request(config);
        var clock = Files.writeString(root.resolve("clock.txt"), "+3d\n");
        var environment =
                Map.of(
                        "LD_PRELOAD", library.toString(),
                        "FAKETIME_TIMESTAMP_FILE", clock.toString(),
                        "FAKETIME_NO_CACHE", "1",
                        "DONT_FAKE_MONOTONIC", "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC", "1");
        var process = killed.start(environment, Killed.runCommand(folder, config));
        Killed.await(process, () -> Killed.holdsCheckpoint(folder, config));
        Files.writeString(clock, "-2d\n");
        assertEquals(0, process.waitFor(), () -> Killed.text(killed.log()));
        killed.assertSame(folder, config);
        var info = folder.record(config.hash()).orElseThrow().runInfo();
        assertTrue(info.totalTime() > 0 && info.totalTime() < 3600, info.totalTime() + " s");
        var began = Instant.parse(info.attempts().get(0).startedAt());
        assertTrue(began.isAfter(Instant.now().plus(Duration.ofDays(2))), began.toString());
        var ended = Instant.parse(info.createdAt());
        assertTrue(ended.isBefore(Instant.now().minus(Duration.ofDays(1))), ended.toString());
    }
}
