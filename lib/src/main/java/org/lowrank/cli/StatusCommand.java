package org.lowrank.cli;

import java.util.concurrent.Callable;
import org.lowrank.experiment.record.FolderPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description = "Lists the runs of a folder: what is done, who works on what.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Mixin private FolderOption folder;

    @Override
    public Integer call() throws Exception {
        System.out.print(FolderPrinter.print(folder.folder()));
        return 0;
    }
}
