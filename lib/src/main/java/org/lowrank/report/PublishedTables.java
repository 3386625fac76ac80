package org.lowrank.report;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.EngineOptions;
import org.lowrank.experiment.run.EngineStatus;
import org.lowrank.experiment.run.Experiments;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.Profile;
import org.lowrank.experiment.spec.SpecificationReader;
import tech.tablesaw.api.Table;

/**
 * The tables of a notebook whose records are published: {@code quick} shows those of {@code cpu}
 * and runs nothing, the other profiles do what is missing first.
 *
 * @param profile of the notebook
 * @param specifications folder of the tables' files
 * @param figures folder of all published records, by profile
 * @param shared name of the table whose records the others use too
 * @param jobs runs at a time
 * @param shows makes what shows the progress of one table
 */
public record PublishedTables(
        Profile profile,
        Path specifications,
        Path figures,
        String shared,
        int jobs,
        Supplier<Consumer<EngineStatus>> shows) {

    /** The profile whose records are shown. */
    public Profile shown() {
        return profile == Profile.QUICK ? Profile.CPU : profile;
    }

    /**
     * A table by the name of its file. One that the papers do not have is that of {@code cpu} in
     * {@code paper} too; {@code Grid.profile()} says so.
     *
     * @throws Exception if its file cannot be read, or a run that is missing fails
     */
    public Planner table(String name) throws Exception {
        var file = specifications.resolve(name + ".json");
        boolean has =
                SpecificationReader.read(file, "")
                        .experiment()
                        .profiles()
                        .containsKey(shown().toString());
        var used = has ? shown() : Profile.CPU;
        var grid = SpecificationReader.read(file, used.toString());
        var output = figures.resolve(used.toString());
        var own =
                profile == Profile.QUICK ? RunFolder.at(Path.of("nowhere")) : RunFolder.standard();
        var folder = own.withArchive(output.resolve(shared)).withArchive(output.resolve(name));
        if (profile == Profile.QUICK) {
            return new Planner(grid, folder);
        }
        var planner = Experiments.loadOrRun(grid, folder, EngineOptions.ofJobs(jobs), shows.get());
        new ResultFiles(ResultTable.of(planner)).write(output, folder);
        return planner;
    }

    /** How many different runs of a table have a record. */
    public static long done(Planner planner) {
        return planner.plan().stream()
                .flatMap(CellPlan::runs)
                .filter(PlannedRun::isDone)
                .map(PlannedRun::hash)
                .distinct()
                .count();
    }

    /** How many it has in all. */
    public static int expected(Planner planner) {
        return planner.plan().stream().mapToInt(CellPlan::expectedRuns).sum();
    }

    /** The scores, a column a task, under a title that says how many runs are there. */
    public static Table wide(Planner planner) {
        var table = new ResultFormat(ResultTable.of(planner)).wide();
        return table.setName(
                "%s: %d of %d runs are there"
                        .formatted(table.name(), done(planner), expected(planner)));
    }

    /**
     * Each row minus the baseline, seed by seed; only of rows that have runs. Of several tasks each
     * row is named with its own.
     */
    public static Table leads(Planner planner) {
        var results = ResultTable.of(planner);
        var table =
                Rows.of(
                        "minus "
                                + planner.grid().experiment().baseline()
                                + ", seed by seed, 95 % interval",
                        "row",
                        "difference",
                        "told apart");
        boolean oneTask = results.tasks().size() == 1;
        for (var cell : results.cells()) {
            var row = oneTask ? cell.row() : cell.row() + ", " + cell.task();
            results.baselineOf(cell)
                    .flatMap(cell::minus)
                    .map(PairedDifference::differences)
                    .ifPresent(d -> Rows.add(table, row, told(d), apart(d)));
        }
        return table.isEmpty() ? table.setName("differences: not run yet") : table;
    }

    /** A mean difference with its interval. */
    public static String told(Summary difference) {
        var interval = difference.interval();
        return interval.known()
                ? String.format(
                        Locale.ROOT,
                        "%.3f (%.3f to %.3f), n = %d",
                        difference.mean(),
                        interval.low(),
                        interval.high(),
                        difference.n())
                : String.format(Locale.ROOT, "%.3f, one seed", difference.mean());
    }

    private static String apart(Summary difference) {
        return switch (difference.shownSign()) {
            case 0 -> "no";
            case -1 -> "lower";
            default -> "higher";
        };
    }
}
