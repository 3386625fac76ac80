package org.lowrank.spark;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.lowrank.experiment.run.ExitCode;

/**
 * One run as a Spark task. It works in a folder of its own on the executor's machine: what the run
 * has left so far is fetched first, each new checkpoint is put to the shared folder as it comes,
 * and the record last. So a task that is tried again, here or elsewhere, goes on from the last
 * checkpoint; and of two that do one run at once (speculation), the first record stays.
 *
 * @param shared where the runs lie
 * @param workload what does the run
 * @param tries how often Spark tries a task
 */
record RunTask(SharedRuns shared, Workload workload, int tries)
        implements Function<String, String> {

    /** The result of a run that has its record. */
    static final String DONE = "";

    static final String RECORD = "record.json";

    /** A record that came second; the driver compares it with the first. */
    static final String SECOND = "second-";

    private static final String CHECKPOINTS = "checkpoints";

    /**
     * @return {@link #DONE}, or why there is no record after the last try
     * @throws IOException to be tried again by Spark
     */
    @Override
    public String call(String hash) throws Exception {
        if (shared.exists(hash + "/" + RECORD)
                && isResult(shared.text(hash + "/" + RECORD).get())) {
            return DONE;
        }
        var runs = Files.createTempDirectory(scratch(), "lowrank-" + hash);
        try {
            fetch(hash, runs.resolve(hash));
            var sync = new Sync(hash, runs.resolve(hash));
            int code;
            try {
                code = workload.run(hash, runs, sync::files);
            } catch (InterruptedException e) {
                sync.files(); // the checkpoint that the run has left when it was stopped
                throw e;
            }
            sync.files();
            return ended(hash, runs.resolve(hash), code);
        } catch (IOException e) {
            return orAgain(e.getMessage(), e);
        } finally {
            delete(runs);
        }
    }

    /** A folder of the executor's own, which its machine clears after it, however it ends. */
    private static Path scratch() {
        var given = System.getenv("SPARK_EXECUTOR_DIRS"); // a standalone worker's; YARN's is next
        var places = given != null ? given.split(File.pathSeparator) : yarnFolders().split(",");
        for (var place : places) {
            if (!place.isBlank() && Files.isDirectory(Path.of(place))) {
                return Path.of(place);
            }
        }
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static String yarnFolders() {
        return System.getenv().getOrDefault("LOCAL_DIRS", "");
    }

    private String ended(String hash, Path run, int code) throws IOException {
        var record = run.resolve(RECORD);
        if (code == ExitCode.OK || code == ExitCode.FAILED_WITH_RECORD) {
            if (code == ExitCode.FAILED_WITH_RECORD) {
                shared.put(record, hash + "/" + RECORD);
            } else if (!putResult(hash, record)) {
                shared.put(record, hash + "/" + SECOND + System.nanoTime() + ".json");
            }
            if (code == ExitCode.OK) {
                shared.delete(hash + "/" + CHECKPOINTS);
            }
            return DONE;
        }
        var log = run.resolve("log.txt");
        var said = Files.exists(log) ? Files.readAllLines(log) : List.<String>of();
        throw new IOException(
                "the process ended with code "
                        + code
                        + (code == ExitCode.KILLED ? " (killed; out of memory?)" : "")
                        + "; the last it said: "
                        + (said.isEmpty() ? "nothing" : said.get(said.size() - 1)));
    }

    /** A record of a failure or of a stop gives way to a result, a result to nothing. */
    private boolean putResult(String hash, Path record) throws IOException {
        var place = hash + "/" + RECORD;
        var there = shared.text(place);
        if (there.isPresent() && !isResult(there.get())) {
            shared.put(record, place);
            return true;
        }
        return shared.putOnce(record, place);
    }

    private String orAgain(String reason, IOException error) throws IOException {
        var context = TaskContext.get();
        if (context != null && context.attemptNumber() + 1 < tries) {
            throw error;
        }
        return reason
                + ", "
                + tries
                + " times, at last on "
                + InetAddress.getLocalHost().getHostName();
    }

    private void fetch(String hash, Path run) throws IOException {
        try {
            shared.get(hash + "/config.json", run.resolve("config.json"));
        } catch (FileNotFoundException e) {
            throw new IOException(
                    "the shared folder "
                            + shared.root()
                            + " is not seen here, or was emptied: "
                            + hash
                            + "/config.json is not there",
                    e);
        }
        for (var name : shared.list(hash)) {
            if (name.equals("attempts.jsonl") || name.equals("metrics.jsonl")) {
                shared.get(hash + "/" + name, run.resolve(name));
            }
        }
        for (var name : shared.list(hash + "/" + CHECKPOINTS)) {
            shared.get(
                    hash + "/" + CHECKPOINTS + "/" + name, run.resolve(CHECKPOINTS).resolve(name));
        }
    }

    /** True for the text of a record that is over for good; only the status is looked at. */
    static boolean isResult(String record) {
        return record.matches("(?s).*\"status\"\\s*:\\s*\"(finished|diverged)\".*");
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Brings to the shared folder what is new of a run. */
    private final class Sync {

        private final String hash;
        private final Path run;
        private final Map<String, Long> sizes = new HashMap<>();

        private Sync(String hash, Path run) {
            this.hash = hash;
            this.run = run;
        }

        private void files() throws IOException {
            for (var name : List.of("attempts.jsonl", "metrics.jsonl", "log.txt")) {
                var file = run.resolve(name);
                if (Files.exists(file) && !Long.valueOf(Files.size(file)).equals(sizes.get(name))) {
                    sizes.put(name, Files.size(file));
                    shared.put(file, hash + "/" + name);
                }
            }
            checkpoints();
        }

        /** The worker removes old checkpoints while they are copied; there is a newer one then. */
        private void put(Path file, String name) throws IOException {
            try {
                shared.put(file, name);
            } catch (FileNotFoundException | NoSuchFileException e) {
                if (Files.exists(file)) {
                    throw e;
                }
            }
        }

        /** New ones first, so that there is always a whole one. */
        private void checkpoints() throws IOException {
            var folder = run.resolve(CHECKPOINTS);
            var here = Files.isDirectory(folder) ? names(folder) : List.<String>of();
            var there = shared.list(hash + "/" + CHECKPOINTS);
            for (var name : here) {
                if (!there.contains(name)) {
                    put(folder.resolve(name), hash + "/" + CHECKPOINTS + "/" + name);
                }
            }
            for (var name : there) {
                if (!here.isEmpty() && !here.contains(name)) {
                    shared.delete(hash + "/" + CHECKPOINTS + "/" + name);
                }
            }
        }

        private static List<String> names(Path folder) throws IOException {
            try (var files = Files.list(folder)) {
                return files.map(file -> file.getFileName().toString())
                        .filter(name -> !name.startsWith("."))
                        .sorted()
                        .toList();
            }
        }
    }
}
