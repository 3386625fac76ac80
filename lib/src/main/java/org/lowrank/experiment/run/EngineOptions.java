package org.lowrank.experiment.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How an {@link LocalEngine} works.
 *
 * @param jobs worker processes at a time
 * @param until time after which running workers are asked to stop and no other is started
 * @param threads of the linear algebra of each worker; bit-equality is for equal numbers
 * @param checkpointEvery time between two checkpoints of a run
 * @param javaOptions further options of the worker's Java, for example {@code -Xmx4g}
 */
public record EngineOptions(
        int jobs,
        Optional<Duration> until,
        int threads,
        Duration checkpointEvery,
        List<String> javaOptions) {

    public EngineOptions {
        if (jobs < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "jobs and threads must be at least 1, not " + jobs + " and " + threads);
        }
        javaOptions = List.copyOf(javaOptions);
    }

    /** One worker with all processors, a checkpoint a minute, no end. */
    public static EngineOptions standard() {
        return ofJobs(1);
    }

    /** So many workers, which share the processors. */
    public static EngineOptions ofJobs(int jobs) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new EngineOptions(
                jobs,
                Optional.empty(),
                Math.max(1, processors / Math.max(1, jobs)),
                Duration.ofMinutes(1),
                List.of());
    }

    public EngineOptions withUntil(Duration time) {
        return new EngineOptions(jobs, Optional.of(time), threads, checkpointEvery, javaOptions);
    }

    public EngineOptions withThreads(int count) {
        return new EngineOptions(jobs, until, count, checkpointEvery, javaOptions);
    }

    public EngineOptions withCheckpointEvery(Duration time) {
        return new EngineOptions(jobs, until, threads, time, javaOptions);
    }

    public EngineOptions withJavaOptions(List<String> options) {
        return new EngineOptions(jobs, until, threads, checkpointEvery, options);
    }
}
