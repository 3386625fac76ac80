package org.lowrank.experiment.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationReader;

/** Tables from a notebook: what is cached is taken, the rest is run. */
public final class Experiments {

    private Experiments() {}

    /**
     * Loads the runs of a table or does them, with plain lines of progress.
     *
     * @see #loadOrRun(Path, String, RunFolder, EngineOptions, Consumer)
     */
    public static Planner loadOrRun(Path specification, String profile)
            throws IOException, InterruptedException {
        return loadOrRun(
                specification,
                profile,
                RunFolder.standard(),
                EngineOptions.standard(),
                ProgressLines.lines(System.out));
    }

    /**
     * Loads the runs of a table or does them. It can be interrupted at any time, and called again:
     * runs that are over are never run again, others go on from their checkpoints.
     *
     * @param specification the file
     * @param profile {@code quick}, {@code cpu}, {@code paper}, or empty for the file as it stands
     * @param runs where runs are kept; with an archive, committed records count as done
     * @param progress is told where the engine stands, at first what is cached
     * @return what tables and charts are made from
     * @throws InterruptedException if the thread was interrupted; the workers have left checkpoints
     * @throws IllegalStateException if a run failed; the message names each with its reason
     */
    public static Planner loadOrRun(
            Path specification,
            String profile,
            RunFolder runs,
            EngineOptions options,
            Consumer<EngineStatus> progress)
            throws IOException, InterruptedException {
        return loadOrRun(SpecificationReader.read(specification, profile), runs, options, progress);
    }

    /**
     * The same of a table that was read or parsed, with one worker at a time.
     *
     * @see SpecificationReader#parse
     */
    public static Planner loadOrRun(Grid table, RunFolder runs, Consumer<EngineStatus> progress)
            throws IOException, InterruptedException {
        return loadOrRun(table, runs, EngineOptions.standard(), progress);
    }

    /** The same of a table that was read or parsed. */
    public static Planner loadOrRun(
            Grid table, RunFolder runs, EngineOptions options, Consumer<EngineStatus> progress)
            throws IOException, InterruptedException {
        return loadOrRun(table, runs, new LocalEngine(options), progress);
    }

    /** The same by an engine of one's choice, for example a cluster's. */
    public static Planner loadOrRun(
            Grid table, RunFolder runs, RunEngine engine, Consumer<EngineStatus> progress)
            throws IOException, InterruptedException {
        var planner = new Planner(table, runs);
        var last = engine.run(planner, runs, progress);
        progress.accept(last);
        if (!last.failed().isEmpty()) {
            throw new IllegalStateException(last.failures());
        }
        return planner;
    }
}
