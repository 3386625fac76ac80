package org.lowrank.experiment;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that does one run: {@code run-one HASH} of the command line. */
final class Worker {

    private static final String MAIN = "org.lowrank.cli.Lowrank";
    private static final int TAIL = 1024;

    private final PlannedRun run;
    private final Path metrics;
    private final Process process;

    private Worker(PlannedRun run, Path metrics, Process process) {
        this.run = run;
        this.metrics = metrics;
        this.process = process;
    }

    static Worker start(PlannedRun run, RunFolder folder, EngineOptions options)
            throws IOException {
        folder.request(run.config());
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dai.djl.offline=true");
        command.add("-Djava.awt.headless=true");
        command.add("-Dai.djl.pytorch.num_threads=" + options.threads());
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.addAll(options.javaOptions());
        command.addAll(List.of("-cp", ClassPath.ofThisLibrary(), MAIN, "run-one", run.hash()));
        command.addAll(List.of("--runs", folder.root().toString()));
        command.addAll(List.of("--checkpoint-every", options.checkpointEvery().toString()));
        command.addAll(List.of("--parent", Long.toString(ProcessHandle.current().pid())));
        var builder = new ProcessBuilder(command);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(options.threads()));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log(run.hash()).toFile()));
        return new Worker(run, folder.metrics(run.hash()), builder.start());
    }

    PlannedRun run() {
        return run;
    }

    Process process() {
        return process;
    }

    /** Asks for a checkpoint and an end. */
    void stop() {
        process.destroy();
    }

    void await(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Where it stands, from the last line of its metrics. */
    EngineStatus.Running status() {
        var cell = run.cell();
        var label =
                String.format(
                        "%s, %s, rate %s, seed %d",
                        cell.row(),
                        cell.task().label(),
                        run.config().training().learningRate(),
                        run.config().seed());
        try {
            var lines = tail().split("\n");
            for (int i = lines.length - 1; i >= 0; i--) {
                if (lines[i].startsWith("{\"step\"") && lines[i].endsWith("}")) {
                    var step = Json.mapper().readTree(lines[i]);
                    if (step.has("total_steps")) {
                        return new EngineStatus.Running(
                                label, step.get("step").asLong(), step.get("total_steps").asLong());
                    }
                }
            }
        } catch (IOException e) {
            // not there yet, or being rewritten: the next look will see it
        }
        return new EngineStatus.Running(label, 0, 0);
    }

    private String tail() throws IOException {
        if (!Files.exists(metrics)) {
            return "";
        }
        try (var file = new RandomAccessFile(metrics.toFile(), "r")) {
            long start = Math.max(0, file.length() - TAIL);
            var bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
