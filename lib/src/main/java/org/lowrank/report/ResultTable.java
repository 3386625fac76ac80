package org.lowrank.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.Experiment;

/**
 * The table of an experiment as its records now stand: every number comes from a record, and a cell
 * whose runs are not over is empty.
 */
public final class ResultTable {

    /** The name of the row that says the most frequent class. */
    public static final String MAJORITY = "Majority class";

    /** The name of that row where its scores are losses: the model as it came. */
    public static final String UNTRAINED = "Untrained model";

    private final Experiment experiment;
    private final String profile;
    private final List<CellPlan> plan;
    private final List<String> leftOut;
    private final Map<String, Map<String, ResultCell>> rows = new LinkedHashMap<>();

    private ResultTable(Planner planner) {
        experiment = planner.grid().experiment();
        profile = planner.grid().profile();
        plan = planner.plan();
        leftOut = planner.leftOut();
        var references = experiment.reference().stream().map(PaperTables::get).toList();
        for (var cellPlan : plan) {
            var cell = ResultCell.of(cellPlan, Planner.metric(cellPlan.cell()), references);
            rows.computeIfAbsent(cell.row(), row -> new LinkedHashMap<>()).put(cell.task(), cell);
        }
    }

    public static ResultTable of(Planner planner) {
        return new ResultTable(planner);
    }

    public Experiment experiment() {
        return experiment;
    }

    /** The profile that the specification was read with, or empty. */
    public String profile() {
        return profile;
    }

    /** The runs that the cells of a task stand on, row by row. */
    public List<CellPlan> plan(String task) {
        return plan.stream().filter(p -> p.cell().task().label().equals(task)).toList();
    }

    public List<String> tasks() {
        return new ArrayList<>(
                new LinkedHashSet<>(experiment.tasks().stream().map(t -> t.label()).toList()));
    }

    public List<String> rows() {
        return List.copyOf(rows.keySet());
    }

    /**
     * One cell.
     *
     * @throws IllegalArgumentException if there is none; the message lists rows and tasks
     */
    public ResultCell cell(String row, String task) {
        var cell = rows.getOrDefault(row, Map.of()).get(task);
        if (cell == null) {
            throw new IllegalArgumentException(
                    "no cell (" + row + ", " + task + "); rows " + rows() + ", tasks " + tasks());
        }
        return cell;
    }

    public List<ResultCell> cells() {
        return rows.values().stream().flatMap(row -> row.values().stream()).toList();
    }

    /**
     * The cell that a cell is compared with: the baseline's at the same axis values and task; empty
     * for the baseline itself and if the experiment names none.
     */
    public Optional<ResultCell> baselineOf(ResultCell cell) {
        if (experiment.baseline() == null) {
            return Optional.empty();
        }
        return plan.stream()
                .filter(p -> p.cell().row().equals(cell.row()))
                .findFirst()
                .flatMap(
                        own ->
                                plan.stream()
                                        .filter(p -> p.cell().axes().equals(own.cell().axes()))
                                        .filter(
                                                p ->
                                                        p.cell()
                                                                .method()
                                                                .label()
                                                                .equals(experiment.baseline()))
                                        .findFirst())
                .map(p -> cell(p.cell().row(), cell.task()))
                .filter(baseline -> !baseline.row().equals(cell.row()));
    }

    /**
     * The mean over the tasks of a row by seed, of the seeds that finished on every task; empty if
     * a task lacks runs or the tasks do not share a seed.
     */
    public SortedMap<Long, Double> average(String row) {
        var cells = rows.get(row).values();
        var average = new TreeMap<Long, Double>();
        if (cells.stream().allMatch(ResultCell::isComplete)) {
            for (long seed : experiment.protocol().seeds()) {
                if (cells.stream().allMatch(cell -> cell.scores().containsKey(seed))) {
                    average.put(
                            seed,
                            cells.stream()
                                    .mapToDouble(cell -> cell.scores().get(seed))
                                    .average()
                                    .orElseThrow());
                }
            }
        }
        return average;
    }

    /** The name of the row of who has learned nothing. */
    public String nameOfUntaught() {
        var known = cells().stream().filter(cell -> cell.majority().isPresent()).toList();
        return (known.isEmpty() ? cells() : known).stream().allMatch(ResultCell::isLoss)
                ? UNTRAINED
                : MAJORITY;
    }

    /** The score of the majority class on a task, empty if the task has no classes or no run. */
    public Optional<Double> majority(String task) {
        return rows.values().stream()
                .flatMap(row -> Optional.ofNullable(row.get(task)).stream())
                .flatMap(cell -> cell.majority().stream())
                .findFirst();
    }

    /** Ids of referenced paper tables that have a number for no cell. */
    public List<String> unusedReferences() {
        var used =
                cells().stream()
                        .flatMap(cell -> cell.paper().stream())
                        .map(target -> target.table().id())
                        .toList();
        return experiment.reference().stream().filter(id -> !used.contains(id)).toList();
    }

    /** Records that could not be read and are not in the table, a sentence each with the reason. */
    public List<String> leftOut() {
        return leftOut;
    }

    /** The names of all records that the table rests on. */
    public List<String> hashes() {
        return cells().stream().flatMap(c -> c.hashes().stream()).distinct().sorted().toList();
    }
}
