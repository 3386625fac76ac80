package org.lowrank.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.LocalEngine;
import org.lowrank.experiment.run.OnShutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "run",
        description = "Does the runs that a table lacks; Ctrl-C stops it, and it goes on later.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    /** For workers to write their checkpoints. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Mixin private SpecificationOptions specification;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Worker processes at a time (${DEFAULT-VALUE}).")
    private int jobs;

    @Option(
            names = "--until",
            paramLabel = "DURATION",
            description = "Stop after this time, for example 90m; runs leave checkpoints.")
    private Duration until;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of each worker; processors / jobs if not given.")
    private Integer threads;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "DURATION",
            defaultValue = "1m",
            description = "Time between checkpoints (${DEFAULT-VALUE}).")
    private Duration checkpointEvery;

    @Option(
            names = "--java-option",
            paramLabel = "OPTION",
            description = "Passed to each worker's Java, for example --java-option=-Xmx4g.")
    private List<String> javaOptions = List.of();

    @Override
    public Integer call() throws Exception {
        var options =
                EngineOptions.ofJobs(jobs)
                        .withCheckpointEvery(checkpointEvery)
                        .withJavaOptions(javaOptions);
        options = threads == null ? options : options.withThreads(threads);
        options = until == null ? options : options.withUntil(until);
        var status = new StatusLine(System.err, System.console() != null);
        var engine = new LocalEngine(options);
        var last =
                OnShutdown.during(
                        () ->
                                engine.run(
                                        specification.planner(),
                                        specification.folder(),
                                        status::show),
                        engine::stop,
                        PATIENCE);
        status.end(last);
        System.err.print(last.failures());
        return last.failed().isEmpty() ? 0 : 1;
    }
}
