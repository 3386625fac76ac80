package org.lowrank.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A folder that the driver and every executor see, on any of Hadoop's file systems. A file comes
 * under its name whole: it is written to a hidden name beside it and renamed, in one move also
 * where another was there. A store of objects has no such move, but shows an object when it is
 * whole: there it is written under its name.
 *
 * @param root for example {@code hdfs://host/runs}
 * @param settings of Hadoop, by their names, beside what its own files on a machine say
 */
record SharedRuns(URI root, Map<String, String> settings) implements Serializable {

    /** Of names that no reader takes for a file: Spark and Hadoop pass over a dot. */
    private static final String HIDDEN = ".";

    /** Schemes of stores where a rename copies, and a file that is being written is not seen. */
    private static final Set<String> OBJECTS = Set.of("s3a");

    /** How often a file is read that is replaced meanwhile. */
    private static final int READINGS = 5;

    /** Opened once a process: to read Hadoop's settings takes longer than to read a file. */
    private static final Map<SharedRuns, FileSystem> OPEN = new ConcurrentHashMap<>();

    SharedRuns {
        settings = new HashMap<>(settings);
    }

    SharedRuns(URI root) {
        this(root, Map.of());
    }

    private FileSystem files() throws IOException {
        var known = OPEN.get(this);
        if (known == null) {
            known = open();
            OPEN.put(this, known);
        }
        return known;
    }

    private FileSystem open() throws IOException {
        var configuration = new Configuration();
        settings.forEach(configuration::set);
        var files = FileSystem.get(root, configuration);
        // the local one would put a file of checksums beside each of ours
        return files instanceof LocalFileSystem local ? local.getRaw() : files;
    }

    private Path path(String name) {
        return name.isEmpty() ? new Path(root) : new Path(new Path(root), name);
    }

    /**
     * Makes the folder.
     *
     * @throws IOException if it cannot be had; the message names it
     */
    void make() throws IOException {
        try {
            if (!files().mkdirs(path(""))) {
                throw new IOException("the file system refuses it");
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "the shared folder "
                            + root
                            + " cannot be made or written to: "
                            + e.getMessage(),
                    e);
        }
    }

    boolean exists(String name) throws IOException {
        return files().exists(path(name));
    }

    /** Puts a file there in place of one that may be there; there is always one of the two. */
    void put(java.nio.file.Path from, String name) throws IOException {
        var files = files();
        if (OBJECTS.contains(files.getUri().getScheme())) {
            copy(files, from, path(name));
            return;
        }
        var hidden = upload(files, from, name);
        if (files instanceof RawLocalFileSystem) {
            if (!files.rename(hidden, path(name))) {
                throw new IOException("cannot rename " + hidden + " to " + path(name));
            }
        } else {
            // FileSystem.rename does nothing where a file is
            FileContext.getFileContext(root, files.getConf())
                    .rename(hidden, path(name), Options.Rename.OVERWRITE);
        }
    }

    /**
     * Puts a file there unless one is there. Of two that come to a store of objects at one moment
     * the later one stays.
     *
     * @return whether it is this one that is there now
     */
    boolean putOnce(java.nio.file.Path from, String name) throws IOException {
        var files = files();
        if (files.exists(path(name))) {
            return false;
        }
        if (OBJECTS.contains(files.getUri().getScheme())) {
            copy(files, from, path(name));
            return true;
        }
        var hidden = upload(files, from, name);
        boolean first = !files.exists(path(name)) && files.rename(hidden, path(name));
        if (!first) {
            files.delete(hidden, false);
        }
        return first;
    }

    private Path upload(FileSystem files, java.nio.file.Path from, String name) throws IOException {
        var place = path(name);
        var hidden =
                new Path(
                        place.getParent(),
                        HIDDEN + place.getName() + HIDDEN + UUID.randomUUID() + ".tmp");
        if (files instanceof RawLocalFileSystem local) {
            // Hadoop's own way starts a process for the rights of each file
            var there = local.pathToFile(hidden).toPath();
            Files.createDirectories(there.getParent());
            try (var out = Files.newOutputStream(there)) {
                Files.copy(from, out);
            }
        } else {
            copy(files, from, hidden);
        }
        return hidden;
    }

    private static void copy(FileSystem files, java.nio.file.Path from, Path to)
            throws IOException {
        files.copyFromLocalFile(false, true, new Path(from.toUri()), to);
    }

    /** Puts a text there in place of one that may be there. */
    void put(String text, String name) throws IOException {
        var file = Files.createTempFile("lowrank", ".tmp");
        try {
            put(Files.writeString(file, text), name);
        } finally {
            Files.delete(file);
        }
    }

    /** The text of a file, if there is one. */
    Optional<String> text(String name) throws IOException {
        try {
            var bytes = read(name, InputStream::readAllBytes);
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /** What is done with a file that is open. */
    private interface Reading<T> {
        T of(InputStream in) throws IOException;
    }

    /** HDFS lets a reader down whose file is replaced while it is read: then it is read anew. */
    private <T> T read(String name, Reading<T> reading) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try (var in = files().open(path(name))) {
                return reading.of(in);
            } catch (FileNotFoundException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == READINGS) {
                    throw e;
                }
            }
        }
    }

    /** Copies a file to this machine, whole or not at all. */
    void get(String name, java.nio.file.Path to) throws IOException {
        Files.createDirectories(to.getParent());
        var hidden = to.resolveSibling(HIDDEN + to.getFileName() + ".tmp");
        read(name, in -> Files.copy(in, hidden, StandardCopyOption.REPLACE_EXISTING));
        Files.move(hidden, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The names of the files in a folder, none if it is not there; hidden ones are left out. */
    List<String> list(String folder) throws IOException {
        try {
            return Arrays.stream(files().listStatus(path(folder)))
                    .map(FileStatus::getPath)
                    .map(Path::getName)
                    .filter(name -> !name.startsWith(HIDDEN))
                    .sorted()
                    .toList();
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    /** When a file was written, in milliseconds by the clock of the file system. */
    long written(String name) throws IOException {
        return files().getFileStatus(path(name)).getModificationTime();
    }

    void delete(String name) throws IOException {
        files().delete(path(name), true);
    }
}
