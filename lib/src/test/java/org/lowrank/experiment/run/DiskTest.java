package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.engine.FileFault;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord.Status;
import org.lowrank.train.Checkpoints;

/**
 * A real small disk that fills up and that lets nobody write; skipped where none can be mounted.
 */
class DiskTest {

    private static final Checkpoints.Interval EVERY_STEP =
            new Checkpoints.Interval(1, Duration.ZERO);

    private static final int DISKS = Integer.getInteger("lowrank.disks", 12);

    @TempDir private Path root;
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(root.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString()) == 0,
                "no disk can be mounted by this user");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return 127;
        }
    }

    /** The disk is full at another moment each time; {@code -Dlowrank.disks=N} for more of them. */
    @Test
    void aFullDiskEndsARunInWordsAndWithRoomItEndsBitEqual() throws Exception {
        var config = Spirals.run("adamw", 30, 1);
        var whole = RunFolder.at(root.resolve("whole"));
        whole.request(config);
        var expected = new RunExecution(whole, EVERY_STEP).execute(config.hash()).orElseThrow();
        var random = new SplittableRandom(1);
        int filled = 0;
        for (int i = 0; i < DISKS; i++) {
            var folder = RunFolder.at(disk.resolve("runs-" + i));
            folder.request(config);
            var ballast = disk.resolve("ballast");
            int left = Math.toIntExact(Files.getFileStore(disk).getUsableSpace());
            int room = 4096 * (i == 0 ? 4 : 1 + random.nextInt(24));
            Files.write(ballast, new byte[left - room]);
            try {
                var early = new RunExecution(folder, EVERY_STEP).execute(config.hash());
                assertEquals(expected.reproducible(), early.orElseThrow().reproducible());
            } catch (IOException | UncheckedIOException full) {
                var said = FileFault.sentence(full);
                assertTrue(said.contains("No space left on device"), said);
                assertTrue(said.contains(folder.of(config.hash()).toString()), said);
                assertTrue(folder.record(config.hash()).isEmpty(), "no half record");
                filled++;
            }
            Files.delete(ballast);
            var record = new RunExecution(folder, EVERY_STEP).execute(config.hash()).orElseThrow();
            assertEquals(Status.finished, record.status());
            assertEquals(expected.reproducible(), record.reproducible());
            assertEquals(0, run("rm", "-r", folder.root().toString()));
        }
        assertTrue(filled > 0);
        System.out.printf(
                "%d disks, %d of them full before the run's end; with room all ended bit-equal%n",
                DISKS, filled);
    }

    @Test
    void aRunOnADiskThatCanBeReadAloneIsRefusedAndGoesOnLater() throws Exception {
        var config = Spirals.run("adamw", 30, 1);
        var whole = RunFolder.at(root.resolve("whole"));
        whole.request(config);
        var expected = new RunExecution(whole, EVERY_STEP).execute(config.hash()).orElseThrow();
        var folder = RunFolder.at(disk.resolve("runs"));
        folder.request(config);
        var stopped = new RunExecution(folder, EVERY_STEP);
        stopped.cancel();
        assertEquals(Status.cancelled, stopped.execute(config.hash()).orElseThrow().status());

        assertEquals(0, run("mount", "-o", "remount,ro", disk.toString()));
        var refusal =
                assertThrows(
                        IOException.class,
                        () -> new RunExecution(folder, EVERY_STEP).execute(config.hash()));
        var said = FileFault.sentence(refusal);
        assertTrue(said.contains("Read-only file system"), said);
        assertTrue(said.contains(folder.of(config.hash()).toString()), said);

        assertEquals(0, run("mount", "-o", "remount,rw", disk.toString()));
        var record = new RunExecution(folder, EVERY_STEP).execute(config.hash()).orElseThrow();
        assertEquals(expected.reproducible(), record.reproducible());
        assertTrue(record.runInfo().resumedAtStep() > 0);
    }

    @Test
    void aFolderWhereNobodyMayWriteIsTold() throws Exception {
        var config = Spirals.run("adamw", 4, 1);
        var folder = RunFolder.at(disk.resolve("runs"));
        folder.request(config);
        assertEquals(0, run("mount", "-o", "remount,ro", disk.toString()));
        var other = Spirals.run("adamw", 5, 1);
        var said = FileFault.sentence(assertThrows(IOException.class, () -> folder.request(other)));
        assertTrue(said.contains("Read-only file system"), said);
        assertTrue(said.contains(disk.toString()), said);
        assertEquals(1, folder.hashes().size(), "what is there can be read");
    }
}
