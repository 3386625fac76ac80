package org.lowrank.experiment.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.lowrank.config.Json;
import org.lowrank.config.JsonDocument;
import org.lowrank.config.JsonFormatException;
import org.lowrank.engine.AtomicFile;
import org.lowrank.engine.FileFault;
import org.lowrank.experiment.spec.RunConfig;

/**
 * A folder of runs, one folder a run, shared by any number of processes and machines:
 *
 * <pre>
 *   HASH/config.json     the configuration, written before the run starts
 *   HASH/lock            who works on it, see {@link RunLock}
 *   HASH/metrics.jsonl   one line a step, while it runs
 *   HASH/checkpoints/    the last two
 *   HASH/log.txt         what the worker process printed
 *   HASH/record.json     how it ended
 * </pre>
 *
 * Files that matter are moved into place whole. What a killed process leaves is removed by the next
 * one that takes the run's lock.
 */
public final class RunFolder {

    private final Path root;
    private final Map<String, RunRecord> archived;
    private final List<String> leftOut;
    private final Map<String, RunRecord> results = new ConcurrentHashMap<>();

    private RunFolder(Path root, Map<String, RunRecord> archived, List<String> leftOut) {
        this.root = root.toAbsolutePath().normalize();
        this.archived = archived;
        this.leftOut = leftOut;
    }

    /** The folder at {@code root}; made when first written to. */
    public static RunFolder at(Path root) {
        return new RunFolder(root, Map.of(), List.of());
    }

    /**
     * The folder of this machine: {@code LOWRANK_RUNS}, or {@code runs} in the cache folder of the
     * library ({@code ~/.cache/lowrank}).
     */
    public static RunFolder standard() {
        var given = System.getenv("LOWRANK_RUNS");
        return at(
                given != null && !given.isBlank()
                        ? Path.of(given)
                        : Path.of(System.getProperty("user.home"), ".cache", "lowrank", "runs"));
    }

    /**
     * This folder with the {@link RecordArchive} of another folder beside it (as a table leaves
     * it), which is read and never written: published results count as done. What cannot be read of
     * it is in {@link #leftOut}.
     */
    public RunFolder withArchive(Path folder) {
        var all = new HashMap<>(archived);
        var damaged = new ArrayList<>(leftOut);
        all.putAll(RecordArchive.readable(folder, damaged));
        return new RunFolder(root, Map.copyOf(all), List.copyOf(damaged));
    }

    /** What could not be read of the archives, a sentence each. */
    public List<String> leftOut() {
        return leftOut;
    }

    /**
     * Refuses archives of which something was left out: its runs would be done again.
     *
     * @throws IOException with what was left out
     */
    public void requireWholeArchives() throws IOException {
        if (!leftOut.isEmpty()) {
            throw new IOException(String.join("\n", leftOut));
        }
    }

    public Path root() {
        return root;
    }

    /** The folder of one run. */
    public Path of(String hash) {
        if (!hash.matches("[0-9a-f]{16}")) {
            throw new IllegalArgumentException(
                    "\"" + hash + "\" is not the name of a run (16 hex digits)");
        }
        return root.resolve(hash);
    }

    public Path metrics(String hash) {
        return of(hash).resolve("metrics.jsonl");
    }

    public Path log(String hash) {
        return of(hash).resolve("log.txt");
    }

    public Path checkpoints(String hash) {
        return of(hash).resolve("checkpoints");
    }

    /** Takes the run's lock, see {@link RunLock#tryAcquire}. */
    public Optional<RunLock> tryLock(String hash) throws IOException {
        return RunLock.tryAcquire(lockFile(hash));
    }

    /** Who works on a run, if someone does. */
    public Optional<RunLock.Owner> owner(String hash) throws IOException {
        return RunLock.holder(lockFile(hash));
    }

    private Path lockFile(String hash) {
        return of(hash).resolve("lock");
    }

    /** Makes the folder of a run that is to be done. */
    public void request(RunConfig config) throws IOException {
        var file = of(config.hash()).resolve("config.json");
        if (!Files.exists(file)) {
            RunLock.guarded(
                    lockFile(config.hash()),
                    () -> {
                        write(file, Json.pretty(config));
                        return null;
                    });
        }
    }

    /** Removes what killed processes left in a run's folder; the caller holds the run's lock. */
    public void removeLeftovers(String hash) throws IOException {
        RunLock.guarded(
                lockFile(hash),
                () -> {
                    AtomicFile.removeLeftovers(of(hash));
                    return null;
                });
    }

    /**
     * The configuration of a requested run.
     *
     * @throws IOException if it was not requested here, or its file does not hash to its name
     */
    public RunConfig config(String hash) throws IOException {
        var file = of(hash).resolve("config.json");
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "this run was not planned in this folder");
        }
        var config = JsonDocument.read(file).as(RunConfig.class);
        if (!config.hash().equals(hash)) {
            throw new IOException(
                    file
                            + " was changed: it hashes to "
                            + config.hash()
                            + "; plan the changed configuration as a run of its own");
        }
        return config;
    }

    /**
     * The record of a run, if there is one that can be read; one that cannot is told by {@link
     * #fault}, so that it hides no other.
     */
    public Optional<RunRecord> record(String hash) {
        var known = results.get(hash);
        if (known != null) {
            return Optional.of(known);
        }
        var own = own(hash);
        boolean published = archived.containsKey(hash);
        var found =
                published && own.filter(r -> r.status().isResult()).isEmpty()
                        ? Optional.of(archived.get(hash))
                        : own;
        found.filter(r -> r.status().isResult()).ifPresent(r -> results.put(hash, r));
        return found;
    }

    private Optional<RunRecord> own(String hash) {
        try {
            return read(of(hash).resolve("record.json"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Why the record that lies here cannot be read; empty if it can, or if there is none. */
    public Optional<String> fault(String hash) {
        try {
            read(of(hash).resolve("record.json"));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(FileFault.sentence(e));
        }
    }

    /** Puts a record into its place, whole or not at all. */
    public void save(RunRecord record) throws IOException {
        write(of(record.hash()).resolve("record.json"), Json.pretty(record));
    }

    /** Every run that has a folder here. */
    public List<String> hashes() throws IOException {
        FileFault.requireFolderOrNothing(root);
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (var entries = Files.list(root)) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f]{16}"))
                    .sorted()
                    .toList();
        }
    }

    private static Optional<RunRecord> read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.isExecutable(parent(file))) {
            return Optional.empty();
        }
        FileFault.requireFolderOrNothing(file.getParent());
        try {
            var record = JsonDocument.read(file).as(RunRecord.class);
            var run = file.getParent().getFileName().toString();
            if (!run.equals(record.hash()) || record.runInfo().config() == null) {
                throw new JsonFormatException(
                        file.toString(), "is the record of run " + record.hash() + ", not " + run);
            }
            return Optional.of(record);
        } catch (JsonFormatException e) {
            throw new IOException(
                    e.getMessage()
                            + "; not a record of this version: move it away to have the run done"
                            + " again",
                    e);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The folder, or the next above it that is there. */
    private static Path parent(Path file) {
        var folder = file.getParent();
        while (folder.getParent() != null && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
