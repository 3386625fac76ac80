package org.lowrank.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.bench.ModelShape;
import org.lowrank.data.source.DataRoot;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.memory.Base;
import org.lowrank.experiment.memory.MemoryNeed;
import org.lowrank.experiment.run.CellPlan;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.Profile;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.PublishedModels;
import org.lowrank.task.Tasks;

/**
 * What the runs of a table over the papers' models need: model, data, memory, time. Memory and time
 * are counted from the shapes of the model, as no run of it was measured here.
 *
 * <pre>  time = (4 W + 6 r (m + n)) a token, 2 W more where each layer is computed anew</pre>
 *
 * <p>in operations of training; what writing the answers to a test takes is not in it. Memory is
 * {@link MemoryNeed}, the base as the configuration has it and in other precisions.
 */
final class RunNeeds {

    private static final Map<String, ModelShape> SHAPES =
            Map.of(
                    "Llama-2-7B", ModelShape.LLAMA_2_7B,
                    "Llama-3-8B", ModelShape.LLAMA_31_8B,
                    "Llama-3-8B-Instruct", ModelShape.LLAMA_31_8B,
                    "Llama-3.1-8B", ModelShape.LLAMA_31_8B);

    /** Operations a second that a GPU is taken to do in float32: half of an A100's 19.5e12. */
    private static final double SPEED = 1e13;

    private RunNeeds() {}

    /** Nothing for a table whose models are small enough to be run anywhere. */
    static Optional<String> of(Planner planner) {
        var all = planner.plan().stream().flatMap(CellPlan::runs).toList();
        var large =
                kinds(all).stream()
                        .filter(run -> SHAPES.containsKey(run.config().model()))
                        .toList();
        boolean ofPaper = planner.grid().profile().equals(Profile.PAPER.toString());
        if (large.isEmpty() && !ofPaper) {
            return Optional.empty();
        }
        var lines = new ArrayList<String>();
        models(all, lines);
        data(all, lines);
        if (!large.isEmpty()) {
            memory(large, lines);
            lines.add(extremes("time of training", "hours", large, c -> seconds(c) / 3600));
        }
        var counted =
                String.format(
                        Locale.ROOT,
                        " (memory and time counted, at %.0e operations a second in float32)",
                        SPEED);
        return Optional.of(
                "%nWhat a run needs%s:%n  %s%n"
                        .formatted(large.isEmpty() ? "" : counted, String.join("\n  ", lines)));
    }

    /** One of those that differ in rate or seed alone. */
    private static List<PlannedRun> kinds(List<PlannedRun> runs) {
        var kinds = new LinkedHashMap<List<Object>, PlannedRun>();
        for (var run : runs) {
            var cell = run.cell();
            kinds.putIfAbsent(List.of(cell.row(), cell.task(), run.config().phase()), run);
        }
        return List.copyOf(kinds.values());
    }

    private static void memory(List<PlannedRun> runs, List<String> lines) {
        lines.add(
                extremes(
                        "GPU memory as configured ("
                                + distinct(runs, run -> run.config().precision().name())
                                + ")",
                        "GB",
                        runs,
                        c -> bytes(c, base(c)) / 1e9));
        for (var base : List.of(Base.FLOAT32, Base.BFLOAT16, Base.Q4_K)) {
            lines.add(
                    extremes(
                            "GPU memory, base in " + base.name() + " where it can be",
                            "GB",
                            runs,
                            c -> bytes(c, writesBase(c) ? Base.FLOAT32 : base) / 1e9));
        }
    }

    private static String distinct(List<PlannedRun> runs, Function<PlannedRun, String> of) {
        return runs.stream().map(of).distinct().collect(Collectors.joining(", "));
    }

    private static void models(List<PlannedRun> runs, List<String> lines) {
        runs.stream()
                .map(run -> run.config().model())
                .distinct()
                .filter(PublishedModels.names()::contains)
                .forEach(name -> lines.add("model " + name + ": " + PublishedModels.place(name)));
    }

    private static void data(List<PlannedRun> runs, List<String> lines) {
        var root = DataRoot.ofThisMachine();
        runs.stream()
                .map(run -> run.config().task())
                .distinct()
                .flatMap(task -> Tasks.of(task).files().stream())
                .distinct()
                .forEach(file -> lines.add("data " + file.path() + ": " + file.place(root)));
    }

    private interface Count {
        double of(RunConfig config);
    }

    private static String extremes(String what, String unit, List<PlannedRun> runs, Count count) {
        var values = new LinkedHashMap<PlannedRun, Double>();
        runs.forEach(run -> values.put(run, count.of(run.config())));
        var least = Collections.min(values.entrySet(), Map.Entry.comparingByValue());
        var most = Collections.max(values.entrySet(), Map.Entry.comparingByValue());
        return "%s: %s to %s".formatted(what, extreme(least, unit), extreme(most, unit));
    }

    private static String extreme(Map.Entry<PlannedRun, Double> one, String unit) {
        var cell = one.getKey().cell();
        return String.format(
                Locale.ROOT,
                "%.0f %s (%s, %s)",
                one.getValue(),
                unit,
                cell.row(),
                cell.task().label());
    }

    private static boolean isFull(RunConfig config) {
        return config.adapter().layer().equals(LoraConfig.FULL);
    }

    /** Trains the base itself or changes it at the start, and so needs it in float32. */
    private static boolean writesBase(RunConfig config) {
        var adapter = config.adapter();
        return isFull(config) || adapter.hasPairs() && adapter.start().correctsBase();
    }

    /** The precision of a configuration; these models' files are in bfloat16. */
    private static Base base(RunConfig config) {
        return config.precision() == Precision.float32 ? Base.FLOAT32 : Base.BFLOAT16;
    }

    private static ModelShape adapted(RunConfig config) {
        var shape = SHAPES.get(config.model());
        boolean all = config.adapter().targetModules().equals(List.of(LoraConfig.ALL_LINEAR));
        return all ? shape : shape.attentionOnly();
    }

    /** Trained numbers of the pairs; a mixture has several a weight. */
    private static double pairs(RunConfig config) {
        return !config.adapter().hasPairs()
                ? 0
                : (double) config.adapter().kind().pairsPerLayer()
                        * adapted(config).adapterParameters(config.adapter().rank());
    }

    static double bytes(RunConfig config, Base base) {
        var model = PublishedModels.config(config.model()).orElseThrow();
        return MemoryNeed.of(config, model, base).orElseThrow().bytes();
    }

    static double seconds(RunConfig config) {
        var shape = SHAPES.get(config.model());
        var training = config.training();
        double rows =
                training.steps() > 0
                        ? (double) training.steps()
                                * training.batchSize()
                                * training.gradientAccumulation()
                        : training.epochs() * config.task().trainRows();
        double tokens = rows * config.task().maxLength();
        double weights = shape.mapParameters();
        double each = (isFull(config) ? 6 : 4) * weights + 6 * pairs(config);
        return tokens * (each + (Tasks.of(config.task()).byLayer() ? 2 * weights : 0)) / SPEED;
    }
}
