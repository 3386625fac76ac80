package org.lowrank.experiment.run;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.lowrank.experiment.record.RunFolder;
import org.lowrank.experiment.spec.Cell;
import org.lowrank.experiment.spec.Grid;
import org.lowrank.experiment.spec.Protocol;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.task.Task;
import org.lowrank.task.Tasks;

/**
 * Works out the runs of a table from its specification and the records there are. It keeps nothing
 * but a cache, so that an engine that was stopped plans on where it was.
 *
 * <p>Rates: every method of a task starts with a grid of the same size. While the best rate, or one
 * as good, sits at an edge of what was tried, one more rate is added beyond it, by the ratio of the
 * two rates at that edge, at most {@code max_extensions} times. Of rates that are equally good the
 * smallest is taken.
 */
public final class Planner {

    private final Grid grid;
    private final RunFolder folder;
    private final Map<List<Object>, RunConfig> configs = new HashMap<>();
    private final Map<RunConfig, String> hashes = new HashMap<>();

    public Planner(Grid grid, RunFolder folder) {
        this.grid = grid;
        this.folder = folder;
    }

    public Grid grid() {
        return grid;
    }

    RunFolder folder() {
        return folder;
    }

    /** Every cell with its runs, as the records now stand. */
    public List<CellPlan> plan() {
        return grid.cells().stream().map(this::plan).toList();
    }

    /** Every run that is known and not over, each once. */
    public List<PlannedRun> missing() {
        var missing = new LinkedHashMap<String, PlannedRun>();
        plan().stream()
                .flatMap(CellPlan::runs)
                .filter(run -> !run.isDone())
                .forEach(run -> missing.putIfAbsent(run.hash(), run));
        return List.copyOf(missing.values());
    }

    /** What lies there of these runs and cannot be read, a sentence each; it counts as missing. */
    public List<String> leftOut() {
        var sentences = new ArrayList<>(folder.leftOut());
        missing().stream()
                .flatMap(run -> folder.fault(run.hash()).stream())
                .forEach(sentences::add);
        return List.copyOf(sentences);
    }

    private CellPlan plan(Cell cell) {
        var protocol = grid.experiment().protocol();
        int evaluations = protocol.seeds().size();
        if (protocol.kind() == Protocol.Kind.fixed) {
            double rate = cell.learningRates(protocol).get(0);
            var choice = new CellPlan.Choice(rate, List.of(rate), false, false);
            return new CellPlan(
                    cell, List.of(), Optional.of(choice), evaluation(cell, rate), evaluations);
        }
        var rates = new TreeSet<>(cell.learningRates(protocol));
        for (int extensions = 0; ; extensions++) {
            var search = search(cell, rates);
            if (!search.stream().allMatch(PlannedRun::isDone)) {
                return new CellPlan(cell, search, Optional.empty(), List.of(), evaluations);
            }
            var best = RateScore.best(RateScore.of(cell, search));
            boolean allDiverged = best.isEmpty();
            boolean below = allDiverged || best.contains(rates.first());
            boolean atEdge = below || best.contains(rates.last());
            if (!atEdge || extensions == protocol.maxExtensions()) {
                double rate = allDiverged ? rates.first() : best.get(0);
                var choice = new CellPlan.Choice(rate, List.copyOf(rates), atEdge, allDiverged);
                var runs = allDiverged ? List.<PlannedRun>of() : evaluation(cell, rate);
                return new CellPlan(cell, search, Optional.of(choice), runs, runs.size());
            }
            rates.add(beyond(rates, below));
        }
    }

    /** The metric of a cell that stands in the table. */
    public static String metric(Cell cell) {
        return cell.task().metric() != null ? cell.task().metric() : task(cell).metrics().get(0);
    }

    /** The metric that chooses the rate of a cell, on validation rows. */
    public static String searchMetric(Cell cell) {
        return cell.task().searchMetric() != null ? cell.task().searchMetric() : metric(cell);
    }

    /** True if the smaller values of a metric are the better ones, as of a loss. */
    public static boolean isLoss(Cell cell, String metric) {
        return task(cell).isLoss(metric);
    }

    private static Task task(Cell cell) {
        return Tasks.named(cell.template().at("/task/name").asText());
    }

    private static double beyond(TreeSet<Double> rates, boolean below) {
        double edge = below ? rates.first() : rates.last();
        double inner = below ? rates.higher(edge) : rates.lower(edge);
        return new BigDecimal(edge * edge / inner).round(new MathContext(3)).doubleValue();
    }

    private List<PlannedRun> search(Cell cell, TreeSet<Double> rates) {
        var runs = new ArrayList<PlannedRun>();
        for (double rate : rates) {
            for (long seed : grid.experiment().protocol().searchSeeds()) {
                runs.add(run(cell, rate, seed, RunConfig.Phase.search));
            }
        }
        return runs;
    }

    private List<PlannedRun> evaluation(Cell cell, double rate) {
        return grid.experiment().protocol().seeds().stream()
                .map(seed -> run(cell, rate, seed, RunConfig.Phase.evaluation))
                .toList();
    }

    private PlannedRun run(Cell cell, double rate, long seed, RunConfig.Phase phase) {
        var config =
                configs.computeIfAbsent(
                        List.of(cell, rate, seed, phase), key -> config(cell, rate, seed, phase));
        var hash = hashes.computeIfAbsent(config, RunConfig::hash);
        return new PlannedRun(cell, config, hash, folder.record(hash));
    }

    private RunConfig config(Cell cell, double rate, long seed, RunConfig.Phase phase) {
        return phase == RunConfig.Phase.search
                ? cell.searchConfig(rate, seed, grid.experiment().protocol().searchTrainRows())
                : cell.config(rate, seed, phase);
    }
}
