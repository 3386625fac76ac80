package org.lowrank.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Takes out of a folder of runs what no run needs. */
public final class Cleaning {

    private Cleaning() {}

    /**
     * Removes leftovers of killed processes, and checkpoints and logs of finished runs. Runs that
     * someone works on are left alone.
     *
     * @param unfinished also remove runs without a result
     * @return what was done, one line
     */
    public static String clean(RunFolder folder, boolean unfinished) throws IOException {
        long before = size(folder.root());
        int removed = 0;
        for (var hash : folder.hashes()) {
            var lock = folder.tryLock(hash);
            if (lock.isEmpty()) {
                continue;
            }
            boolean done = folder.record(hash).filter(r -> r.status().isResult()).isPresent();
            try (var held = lock.get()) {
                folder.removeLeftovers(hash);
                if (done && held.isHeld()) {
                    delete(folder.checkpoints(hash));
                    Files.deleteIfExists(folder.log(hash));
                } else if (unfinished && held.isHeld()) {
                    deleteAllButTheLock(folder.of(hash));
                    removed++;
                }
            }
            if (unfinished && !done) {
                delete(folder.of(hash));
            }
        }
        return String.format(
                "%,d bytes freed, %d unfinished runs removed",
                before - size(folder.root()), removed);
    }

    private static void delete(Path path) throws IOException {
        for (var file : files(path)) {
            Files.deleteIfExists(file);
        }
    }

    /** While the lock is held, so that nobody begins on what is being removed. */
    private static void deleteAllButTheLock(Path run) throws IOException {
        for (var file : files(run)) {
            boolean lock = file.getFileName().toString().startsWith("lock");
            if (!lock && !file.equals(run)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static long size(Path root) throws IOException {
        long size = 0;
        for (var file : files(root)) {
            size += Files.isRegularFile(file) ? Files.size(file) : 0;
        }
        return size;
    }

    private static List<Path> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (var all = Files.walk(root)) {
            return all.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
