package org.lowrank.experiment.record;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

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
            try (var held = lock.get()) {
                folder.removeLeftovers(hash);
                if (folder.record(hash).filter(r -> r.status().isResult()).isPresent()) {
                    if (held.isHeld()) {
                        delete(folder.checkpoints(hash), path -> true);
                        Files.deleteIfExists(folder.log(hash));
                    }
                } else if (unfinished && held.removeFolder()) {
                    removed++;
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "%,d bytes freed, %d unfinished runs removed",
                before - size(folder.root()),
                removed);
    }

    static void delete(Path root, Predicate<Path> chosen) throws IOException {
        for (var path : files(root)) {
            if (chosen.test(path)) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** What others write or remove meanwhile may count or not. */
    private static long size(Path root) throws IOException {
        var size = new AtomicLong();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        size.addAndGet(attributes.size());
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException gone) {
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, IOException gone) {
                        return FileVisitResult.CONTINUE;
                    }
                });
        return size.get();
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
