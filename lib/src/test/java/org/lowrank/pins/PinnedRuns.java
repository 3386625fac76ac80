package org.lowrank.pins;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.adapter.kind.AdaLora;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.Checkpoints;
import org.lowrank.train.SpiralObjective;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;
import org.lowrank.train.TrainingResult;

/**
 * Ten steps of a small network on a small task. The one class of these pins that knows how a run is
 * put together, continued from a checkpoint, and started from an adapter folder.
 */
final class PinnedRuns implements AutoCloseable {

    /** A checkpoint is written after this step, of {@link #STEPS}. */
    static final int SAVED_AFTER = 6;

    private static final int STEPS = 10;
    private static final int STEPS_FROM_FOLDER = 3;

    /** A layer kind ("full" has no adapters), a method, and its rate. */
    private record Setting(String layer, String optimizer, double rate) {}

    private static final Map<String, Setting> RUNS = new LinkedHashMap<>();
    private static final Map<String, Setting> FOLDERS = new LinkedHashMap<>();

    static {
        RUNS.put("lora", new Setting("lora", "adamw", 0.02));
        RUNS.put("lora_dropout", new Setting("dropout", "adamw", 0.02));
        RUNS.put("lora_pro", new Setting("lora", "lora_pro", 0.02));
        RUNS.put("lora_pro_full", new Setting("lora", "lora_pro_full", 0.02));
        RUNS.put("altlora", new Setting("lora", "altlora", 0.2));
        RUNS.put("lora_rite", new Setting("lora", "lora_rite", 0.02));
        RUNS.put("dora", new Setting("dora", "adamw", 0.02));
        RUNS.put("adalora", new Setting("adalora", "adamw", 0.02));
        RUNS.put("full", new Setting("full", "", 0.02));
        for (var layer : List.of("lora", "rslora", "dora", "adalora")) {
            FOLDERS.put(layer, new Setting(layer, "adamw", 0.02));
        }
    }

    private final NDManager manager = NDManager.newBaseManager();
    private final TinyMlp model = new TinyMlp(manager, 2, 5, 8, 3, 1);
    private final SpiralObjective task = new SpiralObjective(model, manager, 90, 16, 5);
    private final AdapterSet set;
    private final Trained trained;
    private final double rate;

    private PinnedRuns(Setting setting, Path folder, boolean withHead) throws IOException {
        rate = setting.rate();
        var others = new LinkedHashMap<String, NDArray>();
        if (setting.layer().equals("full")) {
            set = null;
            others.putAll(model.parameters());
        } else {
            set =
                    folder == null
                            ? AdapterSet.inject(model, config(setting.layer()), 11)
                            : PeftAdapter.load(folder, model);
            if (withHead) {
                var bias = "block.1.second.bias";
                others.put(bias, model.parameters().get(bias));
            }
        }
        var pairs = set == null ? null : Optimizers.create(setting.optimizer());
        boolean extras = List.of("dora", "adalora").contains(setting.layer());
        var adamW = others.isEmpty() && !extras ? null : new ParameterAdamW(0);
        trained = new Trained(model, set, pairs, others, adamW);
    }

    static List<String> names() {
        return List.copyOf(RUNS.keySet());
    }

    /** A run that a checkpoint can belong to. */
    static PinnedRuns of(String name) throws IOException {
        return new PinnedRuns(RUNS.get(name), null, true);
    }

    static List<String> folderNames() {
        return List.copyOf(FOLDERS.keySet());
    }

    /** A run whose adapters become a folder. */
    static PinnedRuns forFolder(String name) throws IOException {
        return new PinnedRuns(FOLDERS.get(name), null, false);
    }

    /** A run that starts from the adapters of a folder. */
    static PinnedRuns from(String name, Path folder) throws IOException {
        return new PinnedRuns(FOLDERS.get(name), folder, false);
    }

    private static LoraConfig config(String layer) {
        var lora = LoraConfig.ofRank(2).withLoraAlpha(3);
        return switch (layer) {
            case "rslora" -> lora.withRslora(true);
            case "dropout" -> lora.withLoraDropout(0.2);
            case "dora" -> lora.withLayer("dora");
            case "adalora" -> lora.withLayer(AdaLora.to(1, STEPS).withSchedule(2, 2, 2).choice());
            default -> lora;
        };
    }

    /**
     * Runs to the end from the newest checkpoint of a folder, from the start if it has none, and
     * leaves one after step {@link #SAVED_AFTER}.
     *
     * @return the step gone on from
     */
    long run(Path checkpoints) throws IOException {
        var config = TrainingConfig.of(STEPS, rate).withEvaluateEvery(4);
        var interval = new Checkpoints.Interval(SAVED_AFTER, Duration.ZERO);
        var saved = new Checkpoints(checkpoints, "pin", interval);
        var loop = new TrainingLoop(trained, task, task, config, 7, List.of(saved));
        var resumed = saved.resume(loop, trained);
        finish(loop);
        return resumed.step();
    }

    /** Some steps without a checkpoint. */
    void run() {
        var config = TrainingConfig.of(STEPS_FROM_FOLDER, rate);
        finish(new TrainingLoop(trained, task, task, config, 7, List.of()));
    }

    private static void finish(TrainingLoop loop) {
        var result = loop.run();
        if (result.status() != TrainingResult.Status.FINISHED) {
            throw new AssertionError(result.message());
        }
    }

    void saveAdapters(Path folder) throws IOException {
        PeftAdapter.save(folder, set);
    }

    /** Every trained array by name. */
    Map<String, float[]> arrays() {
        var arrays = new TreeMap<String, float[]>();
        trained.others().forEach((name, array) -> arrays.put(name, array.toFloatArray()));
        if (set != null) {
            for (var pair : set.pairs()) {
                arrays.put(pair.path() + ".A", pair.loraA().toFloatArray());
                arrays.put(pair.path() + ".B", pair.loraB().toFloatArray());
            }
        }
        return arrays;
    }

    /** {@link #arrays} and, as "output", what the model makes of a few rows. */
    Map<String, float[]> arraysAndOutput() {
        var all = arrays();
        try (var scratch = manager.newSubManager()) {
            var rows = scratch.arange(-10f, 10f, 1f).mul(0.1).reshape(4, 5);
            all.put("output", model.forward(rows, false).toFloatArray());
        }
        return all;
    }

    @Override
    public void close() {
        if (trained.pairOptimizer() != null) {
            trained.pairOptimizer().close();
        }
        if (trained.otherOptimizer() != null) {
            trained.otherOptimizer().close();
        }
        manager.close();
    }
}
