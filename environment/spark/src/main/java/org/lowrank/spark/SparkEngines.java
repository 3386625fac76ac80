package org.lowrank.spark;

import java.util.Map;
import org.lowrank.experiment.run.ClusterEngine;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.RunEngine;

/** How the command finds the engine. */
public final class SparkEngines implements ClusterEngine {

    @Override
    public RunEngine at(String master, EngineOptions options, Map<String, String> settings) {
        return SparkRunner.at(master, options, settings);
    }
}
