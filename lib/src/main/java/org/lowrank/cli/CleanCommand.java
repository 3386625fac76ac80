package org.lowrank.cli;

import java.util.concurrent.Callable;
import org.lowrank.experiment.record.Cleaning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "clean",
        description =
                "Removes what no run needs: leftovers of killed processes, checkpoints and logs"
                        + " of finished runs. Results stay.",
        mixinStandardHelpOptions = true)
final class CleanCommand implements Callable<Integer> {

    @Mixin private FolderOption folder;

    @Option(
            names = "--unfinished",
            description = "Also removes runs without a result, their checkpoints included.")
    private boolean unfinished;

    @Override
    public Integer call() throws Exception {
        System.out.println(Cleaning.clean(folder.folder(), unfinished));
        return 0;
    }
}
