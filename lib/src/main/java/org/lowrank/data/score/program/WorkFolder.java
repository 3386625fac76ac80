package org.lowrank.data.score.program;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** The folder that a program may write to, whatever the program has done with it. */
final class WorkFolder {

    private WorkFolder() {}

    /** Deletes what is left; links are removed, not followed, and permissions given back first. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
                        dir.toFile().setExecutable(true);
                        dir.toFile().setReadable(true);
                        dir.toFile().setWritable(true);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path dir, IOException e)
                            throws IOException {
                        Files.delete(dir);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** The bytes of all files; what cannot be looked at counts as nothing. */
    static long bytes(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.map(Path::toFile)
                    .mapToLong(file -> file.isFile() ? file.length() : 0)
                    .sum();
        } catch (IOException | RuntimeException e) {
            return 0; // it changes while it is walked
        }
    }
}
