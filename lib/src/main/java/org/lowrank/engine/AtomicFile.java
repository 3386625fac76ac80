package org.lowrank.engine;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Files that are there whole or not at all: written beside their place, then moved into it. */
public final class AtomicFile {

    /** Two threads of a process may write one file. */
    private static final AtomicLong NUMBER = new AtomicLong();

    private AtomicFile() {}

    /** What writes the content. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file. Whatever goes wrong, the file that was there before is intact and no part of
     * the new one is left. A process that is killed in between can leave {@code .NAME.PID-N.tmp},
     * see {@link #removeLeftovers}. An interrupt of the thread does not disturb the write.
     *
     * @throws IOException if the content cannot be written (a full disk, for one); the message
     *     names the file
     */
    public static void write(Path path, Content content) throws IOException {
        var target = path.toAbsolutePath();
        Files.createDirectories(target.getParent());
        var temporary =
                target.resolveSibling(
                        ".%s.%s-%s.tmp"
                                .formatted(
                                        target.getFileName(),
                                        ProcessHandle.current().pid(),
                                        NUMBER.incrementAndGet()));
        try {
            // not a FileChannel: an interrupt would close it and so fail the write
            try (var file = new FileOutputStream(temporary.toFile());
                    var out = new BufferedOutputStream(file)) {
                content.writeTo(out);
                out.flush();
                file.getFD().sync();
            }
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new IOException(
                    "cannot write %s (what was there before is intact): %s"
                            .formatted(target, e.getMessage()),
                    e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Removes what killed processes left of writes into a folder. The caller must be the only one
     * who writes there.
     */
    public static void removeLeftovers(Path folder) throws IOException {
        removeLeftovers(folder, "", Duration.ZERO);
    }

    /**
     * The same in a folder where others may write too: what nobody has touched for a while.
     *
     * @param start of the names of the files that were to be written
     */
    public static void removeLeftovers(Path folder, String start, Duration untouched)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        var latest = Instant.now().minus(untouched);
        try (var entries = Files.newDirectoryStream(folder, ".*.tmp")) {
            for (var entry : entries) {
                if (entry.getFileName().toString().startsWith("." + start)
                        && (untouched.isZero()
                                || Files.getLastModifiedTime(entry).toInstant().isBefore(latest))) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }
}
