package org.lowrank.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lowrank.experiment.run.ClusterEngine;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.LocalEngine;
import org.lowrank.experiment.run.OnShutdown;
import org.lowrank.experiment.run.SlurmScript;
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

    /** The property that tells by which command this process was started. */
    private static final String COMMAND = "lowrank.command";

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

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            split = ",",
            description =
                    "Where runs compute: cpu, gpu, gpu:N, several apart by commas for a worker each;"
                            + " the engine's choice if not given (see devices).")
    private List<String> devices = List.of();

    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description =
                    "Send the runs to a Spark cluster: spark://HOST:PORT, yarn, k8s://URL,"
                            + " local[N].")
    private String spark;

    @Option(
            names = "--spark-conf",
            paramLabel = "KEY=VALUE",
            description =
                    "A setting of Spark's, or of the runner: lowrank.shared (a folder that all"
                            + " executors see, file:, hdfs:, s3a:; the folder of the runs if not"
                            + " given), lowrank.ship (library, or files under LOWRANK_DATA, apart by"
                            + " commas, to be shipped to each executor once).")
    private Map<String, String> sparkSettings = Map.of();

    @Option(
            names = "--slurm",
            description =
                    "Print a job array for sbatch that does the missing runs, and write their"
                            + " configurations; run nothing.")
    private boolean slurm;

    @Override
    public Integer call() throws Exception {
        var options =
                EngineOptions.ofJobs(jobs)
                        .withCheckpointEvery(checkpointEvery)
                        .withJavaOptions(javaOptions);
        options = threads == null ? options : options.withThreads(threads);
        options = devices.isEmpty() ? options : options.withDevices(devices);
        options = until == null ? options : options.withUntil(until);
        if (slurm) {
            System.out.print(
                    SlurmScript.of(
                            specification.planner(),
                            specification.folder(),
                            options,
                            SlurmScript.quoted(System.getProperty(COMMAND, "lowrank"))));
            return 0;
        }
        var status = new StatusLine(System.err, System.console() != null);
        var engine =
                spark == null
                        ? new LocalEngine(options)
                        : ClusterEngine.found().at(spark, options, sparkSettings);
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
