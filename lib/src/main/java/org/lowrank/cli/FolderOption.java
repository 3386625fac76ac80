package org.lowrank.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.lowrank.engine.FileFault;
import org.lowrank.experiment.record.RunFolder;
import picocli.CommandLine.Option;

/** Where the runs lie. */
final class FolderOption {

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "Folder of the runs; LOWRANK_RUNS or ~/.cache/lowrank/runs if not given.")
    private Path runs;

    /**
     * @throws IOException if something that is no folder stands there, or a link to nowhere
     */
    RunFolder folder() throws IOException {
        var folder = runs == null ? RunFolder.standard() : RunFolder.at(runs);
        FileFault.requireFolderOrNothing(folder.root());
        return folder;
    }
}
