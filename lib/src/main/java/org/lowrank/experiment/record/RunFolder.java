package org.lowrank.experiment.record;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.lowrank.config.Json;
import org.lowrank.engine.AtomicFile;
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
    private final Map<String, RunRecord> results = new ConcurrentHashMap<>();

    private RunFolder(Path root, Map<String, RunRecord> archived) {
        this.root = root.toAbsolutePath().normalize();
        this.archived = archived;
    }

    /** The folder at {@code root}; made when first written to. */
    public static RunFolder at(Path root) {
        return new RunFolder(root, Map.of());
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
     * it), which is read and never written: published results count as done.
     *
     * @throws UncheckedIOException if the archive is damaged
     */
    public RunFolder withArchive(Path folder) {
        var all = new HashMap<>(archived);
        all.putAll(RecordArchive.read(folder));
        return new RunFolder(root, Map.copyOf(all));
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
        var config = Json.mapper().readValue(Files.readString(file), RunConfig.class);
        if (!config.hash().equals(hash)) {
            throw new IOException(
                    file
                            + " was changed: it hashes to "
                            + config.hash()
                            + "; plan the changed configuration as a run of its own");
        }
        return config;
    }

    /** The record of a run, if there is one. */
    public Optional<RunRecord> record(String hash) {
        var known = results.get(hash);
        if (known != null) {
            return Optional.of(known);
        }
        var own = read(of(hash).resolve("record.json"));
        boolean published = archived.containsKey(hash);
        var found =
                published && own.filter(r -> r.status().isResult()).isEmpty()
                        ? Optional.of(archived.get(hash))
                        : own;
        found.filter(r -> r.status().isResult()).ifPresent(r -> results.put(hash, r));
        return found;
    }

    /** Puts a record into its place, whole or not at all. */
    public void save(RunRecord record) throws IOException {
        write(of(record.hash()).resolve("record.json"), Json.pretty(record));
    }

    /** Every run that has a folder here. */
    public List<String> hashes() throws IOException {
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

    private static Optional<RunRecord> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        try {
            return Optional.of(Json.mapper().readValue(text, RunRecord.class));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file
                            + " is not a run record of this version; move it away to have the run"
                            + " done again ("
                            + e.getMessage()
                            + ")",
                    e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
