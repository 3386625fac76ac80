package org.lowrank.cli;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.lowrank.experiment.run.WorkerMain;
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
        var stopsWith = parent == null ? OptionalLong.empty() : OptionalLong.of(parent);
        return WorkerMain.work(hash, folder.folder(), checkpointEvery, stopsWith);
    }
}
