package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lowrank.engine.Devices;
import org.lowrank.experiment.record.FileTail;
import org.lowrank.experiment.record.RunFolder;

/** A process that does one run: {@link WorkerMain}. */
final class Worker implements Job {

    private final PlannedRun run;
    private final Path metrics;
    private final Path log;
    private final Process process;
    private final String device;

    private Worker(PlannedRun run, RunFolder folder, Process process, String device) {
        this.run = run;
        this.device = device;
        metrics = folder.metrics(run.hash());
        log = folder.log(run.hash());
        this.process = process;
    }

    /**
     * @param device where it computes, empty for the engine's own choice
     */
    static Worker start(PlannedRun run, RunFolder folder, EngineOptions options, String device)
            throws IOException {
        folder.request(run.config());
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ClassPath.archive());
        command.addAll(WorkerMain.javaOptions(options));
        if (!device.isEmpty()) {
            command.add("-D" + Devices.PROPERTY + "=" + device);
        }
        command.addAll(List.of("-cp", ClassPath.ofThisProcess(), WorkerMain.class.getName()));
        command.addAll(WorkerMain.arguments(run.hash(), folder, options.checkpointEvery()));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(WorkerMain.environment(options));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log(run.hash()).toFile()));
        return new Worker(run, folder, builder.start(), device);
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public PlannedRun run() {
        return run;
    }

    @Override
    public void onEnd(Runnable then) {
        process.onExit().thenRun(then);
    }

    @Override
    public int exitCode() {
        return process.exitValue();
    }

    @Override
    public void stop() {
        process.destroy();
    }

    @Override
    public void await(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Where it stands, from the last line of its metrics. */
    @Override
    public EngineStatus.Running status() {
        var position = FileTail.Position.of(metrics);
        return new EngineStatus.Running(run.label(), position.step(), position.totalSteps());
    }

    /** The last line that it printed. */
    @Override
    public String lastWords() throws IOException {
        return FileTail.lastLine(log).orElse("nothing");
    }
}
