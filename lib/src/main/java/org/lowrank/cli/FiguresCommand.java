package org.lowrank.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lowrank.report.picture.MethodFigures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lowrank figures}: draws the pictures of the methods. */
@Command(
        name = "figures",
        description = "Draws the pictures of the methods as SVG files.",
        mixinStandardHelpOptions = true)
final class FiguresCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "FOLDER", description = "where the files go")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        MethodFigures.write(folder);
        System.out.println(folder + ": " + String.join(", ", MethodFigures.all().keySet()));
        return 0;
    }
}
