package org.lowrank.experiment.run;

import java.io.IOException;

/** One run that an engine has under way. */
interface Job {

    PlannedRun run();

    /** The device that is its own meanwhile; empty if it has none of its own. */
    default String device() {
        return "";
    }

    EngineStatus.Running status();

    /** Asks for a checkpoint and an end. */
    void stop();

    /** Waits for the end, and brings it about after so many seconds if that can be done. */
    void await(long seconds) throws InterruptedException;

    /** Does something once it has ended. */
    void onEnd(Runnable then);

    /** How it ended, as {@link ExitCode} says it. */
    int exitCode();

    /** The last that it said. */
    String lastWords() throws IOException;
}
