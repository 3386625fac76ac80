package org.lowrank.experiment.run;

import java.util.Map;
import java.util.ServiceLoader;

/**
 * An engine that a module of its own brings, so that the library carries no cluster's classes;
 * found by {@link ServiceLoader}.
 */
public interface ClusterEngine {

    /**
     * An engine that sends its runs to a cluster.
     *
     * @param master where the cluster is, as it is named there
     * @param settings of the cluster's own, by their names there
     * @throws IllegalArgumentException if the master cannot be one
     */
    RunEngine at(String master, EngineOptions options, Map<String, String> settings);

    /**
     * The one on the class path.
     *
     * @throws IllegalArgumentException if there is none; the message says how to get it there
     */
    static ClusterEngine found() {
        return ServiceLoader.load(ClusterEngine.class)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "Spark is not on the class path: build its module (mvn"
                                                + " -Pspark -pl environment/spark -am package) and start by"
                                                + " environment/lowrank, which then finds it"));
    }
}
