package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lowrank.experiment.record.FileTail;
import org.lowrank.experiment.record.RunFolder;

/** A process that does one run: {@link WorkerMain}. */
final class Worker implements Job {

    private final PlannedRun run;
    private final Path metrics;
    private final Path log;
    private final Process process;

    private Worker(PlannedRun run, RunFolder folder, Process process) {
        this.run = run;
        metrics = folder.metrics(run.hash());
        log = folder.log(run.hash());
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
        command.addAll(ClassPath.archive());
        command.addAll(options.javaOptions());
        command.addAll(List.of("-cp", ClassPath.ofThisProcess(), WorkerMain.class.getName()));
        command.addAll(WorkerMain.arguments(run.hash(), folder, options.checkpointEvery()));
        var builder = new ProcessBuilder(command);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(options.threads()));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log(run.hash()).toFile()));
        return new Worker(run, folder, builder.start());
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
