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
 * @param devices where runs compute, {@code cpu} or {@code gpu:N}, one run at a time on each; the
 *     engine's own choice if there are none
 */
public record EngineOptions(
        int jobs,
        Optional<Duration> until,
        int threads,
        Duration checkpointEvery,
        List<String> javaOptions,
        List<String> devices) {

    public EngineOptions {
        if (jobs < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "jobs and threads must be at least 1, not " + jobs + " and " + threads);
        }
        javaOptions = List.copyOf(javaOptions);
        devices = List.copyOf(devices);
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
                List.of(),
                List.of());
    }

    public EngineOptions withUntil(Duration time) {
        return new EngineOptions(
                jobs, Optional.of(time), threads, checkpointEvery, javaOptions, devices);
    }

    public EngineOptions withThreads(int count) {
        return new EngineOptions(jobs, until, count, checkpointEvery, javaOptions, devices);
    }

    public EngineOptions withCheckpointEvery(Duration time) {
        return new EngineOptions(jobs, until, threads, time, javaOptions, devices);
    }

    public EngineOptions withJavaOptions(List<String> options) {
        return new EngineOptions(jobs, until, threads, checkpointEvery, options, devices);
    }

    /** A worker for each of these devices at most. */
    public EngineOptions withDevices(List<String> places) {
        int workers = places.isEmpty() ? jobs : Math.min(jobs, places.size());
        return new EngineOptions(workers, until, threads, checkpointEvery, javaOptions, places);
    }
}
