package org.lowrank.experiment.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lowrank.config.Json;
import org.lowrank.experiment.run.Spirals;
import org.lowrank.experiment.spec.RunConfig;

class CleaningTest {

    @TempDir private Path root;
    private final RunConfig config = Spirals.run("adamw", 4, 0);
    private final String hash = config.hash();

    private RunFolder folder() {
        return RunFolder.at(root);
    }

    @Test
    void aRunWithoutAResultIsRemovedWhole() throws IOException {
        folder().request(config);
        Files.createDirectories(folder().checkpoints(hash));
        Files.writeString(folder().checkpoints(hash).resolve("1.checkpoint"), "x");
        assertTrue(Cleaning.clean(folder(), false).contains("0 unfinished runs removed"));
        assertTrue(Files.exists(folder().checkpoints(hash)));
        assertTrue(Cleaning.clean(folder(), true).contains("1 unfinished runs removed"));
        assertEquals(List.of(), folder().hashes());
    }

    @Test
    void aRunThatSomeoneWorksOnIsLeftAlone() throws IOException {
        folder().request(config);
        try (var held = folder().tryLock(hash).orElseThrow()) {
            assertTrue(Cleaning.clean(folder(), true).contains("0 unfinished runs removed"));
            assertTrue(held.isHeld());
        }
    }

    @Test
    void whoHasLostTheLockRemovesNothing() throws IOException {
        folder().request(config);
        try (var lost = folder().tryLock(hash).orElseThrow()) {
            var other = new RunLock.Owner("elsewhere", 1, 1, "t");
            Files.writeString(folder().of(hash).resolve("lock"), Json.line(other));
            assertFalse(lost.removeFolder());
        }
        assertEquals(config, folder().config(hash));
    }

    /** In a gap between the end of a lock and the removal, a worker would lose its run. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRunThatIsBegunWhileItsFolderIsRemovedLosesNothing() throws Exception {
        var over = new AtomicBoolean();
        var pool = Executors.newSingleThreadExecutor();
        Callable<Integer> cleaner =
                () -> {
                    int cleanings = 0;
                    for (; !over.get(); cleanings++) {
                        Cleaning.clean(folder(), true);
                    }
                    return cleanings;
                };
        var cleanings = pool.submit(cleaner);
        try {
            for (int begun = 0; begun < 15; ) {
                folder().request(config);
                begun += work() ? 1 : 0;
            }
        } finally {
            over.set(true);
            pool.shutdown();
        }
        assertTrue(cleanings.get() > 0);
    }

    /** False if the cleaner was there first. */
    private boolean work() throws IOException {
        var lock = folder().tryLock(hash);
        if (lock.isEmpty()) {
            return false;
        }
        try (var held = lock.get()) {
            if (!Files.exists(folder().of(hash).resolve("config.json"))) {
                return false;
            }
            var work = Files.writeString(folder().of(hash).resolve("work"), "x");
            for (int i = 0; i < 100; i++) {
                Thread.yield();
                assertTrue(held.isHeld());
                assertTrue(Files.exists(work));
            }
            return true;
        }
    }
}
