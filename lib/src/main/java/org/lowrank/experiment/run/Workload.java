package org.lowrank.experiment.run;

import java.util.Collection;
import java.util.List;
import org.lowrank.config.Problems;
import org.lowrank.experiment.spec.RunConfig;

/**
 * A family of tasks that the engine can run: it knows the names that a configuration may hold and
 * builds what is trained. Found by {@link java.util.ServiceLoader}, so that a project of its own
 * can add one.
 */
public interface Workload {

    /** The tasks of this family, for example {@code glue/cola}. */
    Collection<String> tasks();

    /** The metric that tables and the choice of the rate use if the specification names none. */
    String metric(String task);

    /** Every metric that this family scores a task by; empty if it cannot tell beforehand. */
    default Collection<String> metrics(String task) {
        return List.of();
    }

    /** Reports names and values that this family cannot run, with those that it can. */
    void check(RunConfig config, Problems problems);

    /** The configuration with the defaults that only this family knows written out. */
    RunConfig complete(RunConfig config);

    /**
     * Builds model and data. Bit-equal for equal configurations.
     *
     * @throws java.io.IOException if weights or data cannot be had; the message says which and how
     *     to get them
     */
    Prepared prepare(RunConfig config) throws java.io.IOException;
}
