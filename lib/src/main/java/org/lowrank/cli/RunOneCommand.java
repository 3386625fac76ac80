package org.lowrank.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.run.ExitCode;
import org.lowrank.experiment.run.RunExecution;
import org.lowrank.train.Checkpoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run-one",
        description =
                "Does one planned run in this process: the task of a worker or a cluster job.",
        mixinStandardHelpOptions = true)
final class RunOneCommand implements Callable<Integer> {

    /** For the present step, an evaluation, and a checkpoint. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Parameters(paramLabel = "HASH", description = "The name of the run, from plan.")
    private String hash;

    @Mixin private FolderOption folder;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Time between checkpoints (${DEFAULT-VALUE}).")
    private Duration checkpointEvery;

    @Option(
            names = "--parent",
            paramLabel = "PID",
            description = "Stop with a checkpoint when this process has ended.")
    private Long parent;

    @Override
    public Integer call() throws Exception {
        var interval = new Checkpoints.Interval(0, checkpointEvery);
        var execution = new RunExecution(folder.folder(), interval);
        watchParent(execution);
        var record = OnShutdown.during(() -> execution.execute(hash), execution::cancel, PATIENCE);
        return record.map(RunOneCommand::report).orElse(ExitCode.BUSY);
    }

    private static int report(RunRecord record) {
        System.out.println(record.hash() + " " + record.status());
        return switch (record.status()) {
            case finished, diverged -> ExitCode.OK;
            case failed -> ExitCode.FAILED_WITH_RECORD;
            case cancelled -> ExitCode.CANCELLED;
        };
    }

    private void watchParent(RunExecution execution) {
        if (parent != null) {
            ProcessHandle.of(parent)
                    .ifPresentOrElse(
                            process -> process.onExit().thenRun(execution::cancel),
                            execution::cancel);
        }
    }
}
