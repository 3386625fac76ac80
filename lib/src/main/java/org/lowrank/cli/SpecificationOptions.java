package org.lowrank.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lowrank.experiment.record.RecordArchive;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.SpecificationException;
import org.lowrank.experiment.spec.SpecificationReader;
import org.lowrank.report.PaperTable;
import org.lowrank.report.PaperTables;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command about a table takes. */
final class SpecificationOptions {

    @Parameters(paramLabel = "FILE", description = "The specification, JSON.")
    private Path file;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "",
            description = "A profile of the specification: quick, cpu, paper.")
    private String profile;

    @Option(
            names = "--archive",
            paramLabel = "DIR",
            description = "Folder of finished records that count as done, read only.")
    private List<Path> archives = List.of();

    @Mixin private FolderOption folder;

    Grid grid() throws IOException {
        var grid = SpecificationReader.read(file, profile);
        checkReferences(grid);
        return grid;
    }

    /** The engine knows nothing of papers: that a table is there is found out before the runs. */
    private void checkReferences(Grid grid) {
        var known = PaperTables.all().stream().map(PaperTable::id).toList();
        var problems =
                grid.experiment().reference().stream()
                        .filter(id -> !known.contains(id))
                        .map(
                                id ->
                                        "reference holds \"%s\"; allowed: %s"
                                                .formatted(id, String.join(", ", known)))
                        .toList();
        if (!problems.isEmpty()) {
            throw new SpecificationException(file.toString(), problems);
        }
    }

    RunFolder folder() throws IOException {
        var runs = folder.folder();
        for (var archive : archives) {
            RecordArchive.require(archive, "--archive");
            runs = runs.withArchive(archive);
        }
        return runs;
    }

    Planner planner() throws IOException {
        return new Planner(grid(), folder());
    }
}
