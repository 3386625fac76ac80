package org.lowrank.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.bench.ModelShape;
import org.lowrank.data.instruction.PaperSet;
import org.lowrank.data.source.DataRoot;
import org.lowrank.experiment.memory.Base;
import org.lowrank.experiment.memory.MemoryNeed;
import org.lowrank.experiment.run.PlannedRun;
import org.lowrank.experiment.run.Planner;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.PublishedModels;
import org.lowrank.task.Tasks;

/**
 * What the runs of a table over one of the papers' models need: model, data, memory, time. Memory
 * and time are counted from the shapes of the model, as no run of it was measured here.
 *
 * <pre>  time = (4 W + 6 r (m + n)) a token, 2 W more where each layer is computed anew</pre>
 *
 * <p>in operations; memory is {@link MemoryNeed}. All in float32.
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
        var runs =
                planner.plan().stream()
                        .flatMap(cell -> cell.runs())
                        .filter(run -> SHAPES.containsKey(run.config().model()))
                        .toList();
        if (runs.isEmpty()) {
            return Optional.empty();
        }
        var lines = new ArrayList<String>();
        models(runs, lines);
        data(runs, lines);
        for (var base : List.of(Base.FLOAT32, Base.BFLOAT16, Base.Q4_K)) {
            var what = "GPU memory, base in " + base.name();
            lines.add(
                    extremes(
                            what,
                            "GB",
                            runs,
                            c -> bytes(c, isFull(c) ? Base.FLOAT32 : base) / 1e9));
        }
        lines.add(extremes("time of a run", "hours", runs, c -> seconds(c) / 3600));
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "%nWhat a run needs (memory and time counted, in float32, at %.0e operations"
                                + " a second):%n  %s%n",
                        SPEED,
                        String.join("\n  ", lines)));
    }

    private static void models(List<PlannedRun> runs, List<String> lines) {
        var names = new LinkedHashSet<String>();
        runs.forEach(run -> names.add(run.config().model()));
        for (var name : names) {
            lines.add("model " + name + ": " + PublishedModels.place(name));
        }
    }

    private static void data(List<PlannedRun> runs, List<String> lines) {
        var root = DataRoot.ofThisMachine();
        for (var set : PaperSet.values()) {
            var task = "paper/" + set.manifestName();
            if (runs.stream().anyMatch(run -> run.config().task().name().equals(task))) {
                lines.add(
                        "data %s: %s"
                                .formatted(
                                        set.path(),
                                        root.contains(set.path())
                                                ? "is here"
                                                : "not here; environment/lowrank fetch "
                                                        + set.manifestName()));
            }
        }
    }

    private interface Count {
        double of(RunConfig config);
    }

    private static String extremes(String what, String unit, List<PlannedRun> runs, Count count) {
        PlannedRun least = runs.get(0);
        PlannedRun most = runs.get(0);
        for (var run : runs) {
            double value = count.of(run.config());
            least = value < count.of(least.config()) ? run : least;
            most = value > count.of(most.config()) ? run : most;
        }
        return String.format(
                Locale.ROOT,
                "%s: %.0f %s (%s, %s) to %.0f %s (%s, %s)",
                what,
                count.of(least.config()),
                unit,
                least.cell().row(),
                least.cell().task().label(),
                count.of(most.config()),
                unit,
                most.cell().row(),
                most.cell().task().label());
    }

    private static boolean isFull(RunConfig config) {
        return config.adapter().layer().equals(LoraConfig.FULL);
    }

    private static ModelShape adapted(RunConfig config) {
        var shape = SHAPES.get(config.model());
        boolean all = config.adapter().targetModules().equals(List.of(LoraConfig.ALL_LINEAR));
        return all ? shape : shape.attentionOnly();
    }

    /** Trained numbers of the pairs; a mixture has several a weight. */
    private static double pairs(RunConfig config) {
        return isFull(config)
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
