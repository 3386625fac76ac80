package org.lowrank.experiment.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.lowrank.cli.Lowrank;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.train.Checkpoints;

/**
 * A small table that nobody disturbs, and processes of the real commands that are killed by
 * SIGKILL: what was killed and begun again has to end as the undisturbed did.
 */
final class Killed implements AutoCloseable {

    static final String TABLE =
            """
            {
              "name": "killed",
              "base": {
                "model": "slow-scores",
                "adapter": {"rank": 3, "lora_alpha": 6},
                "training": {"steps": 120, "batch_size": 16, "evaluate_every": 30}
              },
              "tasks": [{"label": "small", "with": {"task": {"name": "spiral/small"}}}],
              "methods": [
                {"label": "LoRA", "with": {"optimizer": {"name": "adamw"}}},
                {"label": "LoRA-Pro", "with": {"optimizer": {"name": "lora_pro"}}},
                {"label": "AltLoRA+", "with": {"optimizer": {"name": "altlora_plus"}}}
              ],
              "protocol": {"kind": "fixed", "learning_rates": [0.02], "seeds": [1]},
              "baseline": "LoRA"
            }
            """;

    final Path root;
    final Path specification;
    final List<RunConfig> configs;
    private final RunFolder straight;
    private final Map<String, byte[]> table;
    private final List<Process> started = new ArrayList<>();

    /** The runs that nobody kills, and their table. */
    Killed(Path root) throws IOException {
        this.root = root;
        specification = Files.writeString(root.resolve("killed.json"), TABLE);
        straight = RunFolder.at(root.resolve("straight"));
        configs =
                SpecificationReader.parse(TABLE, "", "killed.json").cells().stream()
                        .map(cell -> cell.config(0.02, 1, RunConfig.Phase.evaluation))
                        .toList();
        for (var config : configs) {
            straight.request(config);
            finish(straight, config);
        }
        var out = root.resolve("figures");
        assertEquals(0, Lowrank.execute(tableCommand(straight, out)));
        table = contents(out);
        assertTrue(table.size() > 4, table.keySet().toString());
    }

    /** Of a test that has failed or has run out of time. */
    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
    }

    /** What the undisturbed left of a run, by name. */
    Set<String> filesOf(RunConfig config) throws IOException {
        return contents(straight.of(config.hash())).keySet();
    }

    RunFolder straight() {
        return straight;
    }

    Map<String, byte[]> table() {
        return table;
    }

    static RunRecord finish(RunFolder folder, RunConfig config) throws IOException {
        var interval = new Checkpoints.Interval(0, Duration.ofMinutes(1));
        return new RunExecution(folder, interval).execute(config.hash()).orElseThrow();
    }

    String[] tableCommand(RunFolder runs, Path out) {
        return new String[] {
            "table",
            specification.toString(),
            "--runs",
            runs.root().toString(),
            "--out",
            out.toString()
        };
    }

    static String[] runCommand(RunFolder folder, RunConfig config) {
        return new String[] {
            "run-one",
            config.hash(),
            "--runs",
            folder.root().toString(),
            "--checkpoint-every",
            "PT0.03S"
        };
    }

    Process start(Map<String, String> environment, String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-XX:-UsePerfData",
                                "-Dai.djl.offline=true",
                                "-Dai.djl.pytorch.num_threads=1",
                                "-Djava.awt.headless=true",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                "-cp",
                                ClassPath.ofThisProcess(),
                                Lowrank.class.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        var log = ProcessBuilder.Redirect.appendTo(log().toFile());
        var process = builder.redirectOutput(log).start();
        started.add(process);
        return process;
    }

    Path log() {
        return root.resolve("log.txt");
    }

    /** Kills a process, which may have come to its end already, but to no other. */
    void kill(Process process) throws InterruptedException {
        if (!process.isAlive()) {
            assertEquals(0, process.exitValue(), () -> text(log()));
        }
        process.destroyForcibly().waitFor();
    }

    void assertTable(Path out) throws IOException {
        var written = contents(out);
        assertEquals(table.keySet(), written.keySet());
        table.forEach((name, bytes) -> assertArrayEquals(bytes, written.get(name), name));
    }

    void assertSame(RunFolder folder, RunConfig config) throws IOException {
        var hash = config.hash();
        assertEquals(
                straight.record(hash).orElseThrow().reproducible(),
                RunFolder.at(folder.root()).record(hash).orElseThrow().reproducible());
        assertEquals(metrics(straight, hash), metrics(folder, hash));
    }

    static String metrics(RunFolder folder, String hash) throws IOException {
        return Files.readString(folder.metrics(hash))
                .replaceAll("\"seconds\":[^,}]+", "\"seconds\":0");
    }

    /** Files below a folder but for what workers print, locks and their guards. */
    static Map<String, byte[]> contents(Path folder) throws IOException {
        var contents = new TreeMap<String, byte[]>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = folder.relativize(file).toString();
                if (!name.matches("log\\.txt|lock.*")) {
                    contents.put(name, Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }

    @FunctionalInterface
    interface Sign {
        boolean isSeen() throws IOException;
    }

    static void await(Process process, Sign sign) throws IOException {
        while (process.isAlive() && !sign.isSeen()) {
            LockSupport.parkNanos(100_000);
        }
    }

    static boolean holdsCheckpoint(RunFolder folder, RunConfig config) {
        var names = folder.checkpoints(config.hash()).toFile().list((d, n) -> n.endsWith("t"));
        return names != null && names.length > 0;
    }

    static void age(Path folder, Duration by) throws IOException {
        var time = FileTime.from(Instant.now().plus(by));
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, time);
            }
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static boolean holdsHalfFile(Path folder, String start) {
        var names =
                folder.toFile()
                        .list((dir, name) -> name.startsWith(start) && name.endsWith(".tmp"));
        return names != null && names.length > 0;
    }
}
