package org.lowrank.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/** What does a run on an executor's machine. */
interface Workload extends Serializable {

    /**
     * Does the run whose folder is {@code runs/HASH}, from its last checkpoint there, and leaves
     * its record there.
     *
     * @param meanwhile is to be called now and then while the run goes on
     * @return what the run's process ended with
     * @throws InterruptedException if the thread was interrupted; the run has left a checkpoint
     */
    int run(String hash, Path runs, Meanwhile meanwhile) throws IOException, InterruptedException;

    /** What is done while a run goes on. */
    @FunctionalInterface
    interface Meanwhile {
        void now() throws IOException;
    }
}
