package org.lowrank.cli;

import java.nio.file.Path;
import org.lowrank.experiment.record.RunFolder;
import picocli.CommandLine.Option;

/** Where the runs lie. */
final class FolderOption {

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "Folder of the runs; LOWRANK_RUNS or ~/.cache/lowrank/runs if not given.")
    private Path runs;

    RunFolder folder() {
        return runs == null ? RunFolder.standard() : RunFolder.at(runs);
    }
}
