package org.lowrank.experiment.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.engine.Machine;

class RunLockTest {

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("run").resolve("lock");
    }

    private void ownedBy(RunLock.Owner owner, Instant beat) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, Json.line(owner));
        Files.setLastModifiedTime(file, FileTime.from(beat));
    }

    private static long deadProcess() throws Exception {
        var process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    @Test
    void aLockIsHeldByOneUntilItIsClosed() throws IOException {
        try (var lock = RunLock.tryAcquire(file).orElseThrow()) {
            assertTrue(lock.isHeld());
            assertTrue(RunLock.tryAcquire(file).isEmpty());
        }
        try (var again = RunLock.tryAcquire(file).orElseThrow()) {
            assertTrue(again.isHeld());
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void theLockOfADeadProcessIsTakenOverAtOnce() throws Exception {
        ownedBy(new RunLock.Owner(Machine.identity(), deadProcess(), 12345, "t"), Instant.now());
        assertTrue(RunLock.tryAcquire(file).isPresent());
    }

    @Test
    void aReusedProcessIdIsNotTakenForTheOwner() throws Exception {
        var owner = new RunLock.Owner(Machine.identity(), ProcessHandle.current().pid(), 7, "t");
        ownedBy(owner, Instant.now());
        assertTrue(RunLock.tryAcquire(file).isPresent());
    }

    @Test
    void anOwnerIsAliveHoweverTheClockWasSetSinceItStarted() throws Exception {
        var self = RunLock.Owner.thisProcess();
        assumeTrue(Machine.ticksAtStart(self.pid()).isPresent(), "start times by the clock alone");
        assertTrue(self.started() < 1_000_000_000_000L, "counted from the boot");
        ownedBy(self, Instant.now().plus(Duration.ofDays(1)));
        assertTrue(RunLock.tryAcquire(file).isEmpty());
        ownedBy(startedAt(self, self.started() + 1), Instant.now());
        assertTrue(RunLock.tryAcquire(file).isPresent(), "another process of that id");
    }

    @Test
    void anOwnerThatIsToldByTheClockIsAliveWhenThatWasSetALittle() throws Exception {
        var now = RunLock.Owner.thisProcess();
        var began = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        var self = startedAt(now, began);
        long tolerance = RunLock.START_TOLERANCE.toMillis();
        for (long step : List.of(-tolerance + 1000, 1000L, tolerance - 1000)) {
            ownedBy(startedAt(self, self.started() + step), Instant.now());
            assertTrue(RunLock.tryAcquire(file).isEmpty(), step + " ms");
        }
        for (long step : List.of(-tolerance - 1000, tolerance + 1000)) {
            ownedBy(startedAt(self, self.started() + step), Instant.now());
            assertTrue(RunLock.tryAcquire(file).isPresent(), step + " ms");
        }
    }

    private static RunLock.Owner startedAt(RunLock.Owner owner, long time) {
        return new RunLock.Owner(owner.machine(), owner.pid(), time, owner.token());
    }

    @Test
    void anOwnerOnAnotherMachineIsAliveUntilItsTimeStampIsOldByTheClockHere() throws Exception {
        var owner = new RunLock.Owner("elsewhere", 1, 1, "t");
        ownedBy(owner, Instant.now().minus(RunLock.SILENCE.dividedBy(2)));
        assertTrue(RunLock.tryAcquire(file).isEmpty());
        assertEquals(owner, RunLock.holder(file).orElseThrow());
        ownedBy(owner, Instant.now().minus(RunLock.SILENCE.multipliedBy(2)));
        assertTrue(RunLock.tryAcquire(file).isPresent());
    }

    @Test
    void anOwnerOnAnotherMachineWhoseClockIsAheadIsAlive() throws Exception {
        ownedBy(
                new RunLock.Owner("elsewhere", 1, 1, "t"),
                Instant.now().plus(RunLock.SILENCE.multipliedBy(2)));
        assertTrue(RunLock.tryAcquire(file).isEmpty());
    }

    @Test
    void whoLostTheLockKnowsItAndDoesNotRemoveTheNewOwners() throws Exception {
        var lock = RunLock.tryAcquire(file).orElseThrow();
        ownedBy(new RunLock.Owner("elsewhere", 1, 1, "t"), Instant.now());
        assertFalse(lock.isHeld());
        lock.close();
        assertTrue(Files.exists(file));
    }

    @Test
    void aDamagedLockHasNoOwner() throws IOException {
        Files.createDirectories(file.getParent());
        for (var text : new String[] {"", "{\"machine\":", "[]", "null", "{}"}) {
            Files.writeString(file, text);
            try (var lock = RunLock.tryAcquire(file).orElseThrow()) {
                assertTrue(lock.isHeld(), text);
            }
        }
    }

    @Test
    void ofManyThreadsThatReachForADeadLockOneGetsIt() throws Exception {
        for (int round = 0; round < 20; round++) {
            ownedBy(new RunLock.Owner(Machine.identity(), deadProcess(), 1, "t"), Instant.now());
            var start = new CyclicBarrier(8);
            var pool = Executors.newFixedThreadPool(8);
            Callable<Boolean> grab =
                    () -> {
                        start.await();
                        return RunLock.tryAcquire(file).isPresent();
                    };
            int winners = 0;
            for (var got : pool.invokeAll(IntStream.range(0, 8).mapToObj(i -> grab).toList())) {
                winners += got.get() ? 1 : 0;
            }
            pool.shutdown();
            assertEquals(1, winners);
        }
    }
}
