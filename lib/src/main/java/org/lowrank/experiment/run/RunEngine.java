package org.lowrank.experiment.run;

import java.io.IOException;
import java.util.function.Consumer;
import org.lowrank.experiment.record.RunFolder;

/**
 * Brings the runs that a plan lacks to their records: by processes of this machine, or a cluster.
 */
public interface RunEngine {

    /**
     * Runs until all is done or given up, {@link #stop} was called or its time is over. Any number
     * of engines can work on one folder.
     *
     * @param told is told where the engine stands, about twice a second
     * @return where it stood at the end
     * @throws InterruptedException if the thread was interrupted; what ran was stopped first
     * @throws IOException if the folder cannot be written to; what ran was stopped first
     */
    EngineStatus run(Planner plan, RunFolder folder, Consumer<EngineStatus> told)
            throws IOException, InterruptedException;

    /** Asks {@link #run} to stop what runs and to return; runs leave checkpoints. */
    void stop();
}
