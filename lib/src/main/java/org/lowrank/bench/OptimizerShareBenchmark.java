package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/**
 * What one step of each optimizer costs as a share of a training step of MiniLM (batch 32, length
 * 32, LoRA of rank 8 on all 36 linear maps, AdamW):
 *
 * <pre>environment/lowrank bench share</pre>
 *
 * writes {@code bench_share.csv} and {@code .md}. Within one run, every training step hands its raw
 * gradients to each optimizer in turn, which moves a copy of the factors of its own, so that
 * training and optimizers see the same machine; shares and times are medians over the steps.
 */
public final class OptimizerShareBenchmark {

    private static final int WARM_UP = 10;
    private static final int STEPS = 40;
    private static final int RANK = 8;
    private static final List<String> METHODS =
            List.of(
                    "adamw",
                    "scaled_adamw",
                    "lora_pro",
                    "lora_pro_full",
                    "altlora",
                    "altlora_plus",
                    "altlora_released",
                    "lora_rite");

    /**
     * One line of the table.
     *
     * @param milliseconds of one optimizer step
     * @param share of the training step
     */
    record Row(String method, double milliseconds, double share) {}

    private OptimizerShareBenchmark() {}

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        var watch = measure("all-MiniLM-L6-v2", METHODS, WARM_UP, STEPS);
        write(folder, watch);
    }

    static Watch measure(String encoder, List<String> methods, int warmUp, int steps)
            throws IOException {
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(encoder);
                var body = opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
                var model = SentenceClassifier.on(body, opened.pooling(), 2, 0.1, 1);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(RANK), 1);
                var pairAdam = Optimizers.create("adamw");
                var headAdam = new ParameterAdamW(0);
                var watch = new Watch(manager.newSubManager(), methods, warmUp)) {
            var trained = new Trained(model, adapters, pairAdam, model.headParameters(), headAdam);
            new TrainingLoop(
                            trained,
                            new RandomSentences(model, 32, 32, 1),
                            Map::of,
                            TrainingConfig.of(warmUp + steps, 1e-4),
                            1,
                            List.of(watch))
                    .run();
            return watch;
        }
    }

    /** Lets every optimizer make the step that the training is about to make. */
    static final class Watch implements TrainingListener, AutoCloseable {

        private final NDManager manager;
        private final int warmUp;
        private final Map<String, PairOptimizer> optimizers = new LinkedHashMap<>();
        private final Map<String, List<PairStack>> copies = new LinkedHashMap<>();
        private final Map<String, List<Double>> times = new LinkedHashMap<>();
        private final List<Double> steps = new ArrayList<>();
        private double ownSeconds;

        Watch(NDManager manager, List<String> methods, int warmUp) {
            this.manager = manager;
            this.warmUp = warmUp;
            for (var method : methods) {
                optimizers.put(method, Optimizers.create(method));
                times.put(method, new ArrayList<>());
            }
        }

        @Override
        public void afterBackward(long step, List<PairStack> stacks, List<PairGradient> raw) {
            long start = System.nanoTime();
            for (var entry : optimizers.entrySet()) {
                var own = copies.computeIfAbsent(entry.getKey(), m -> copy(stacks));
                long begin = System.nanoTime();
                entry.getValue().step(own, raw, 1e-4);
                // Reading a value waits for a device that works on its own.
                own.get(own.size() - 1).loraB().getFloat(0, 0, 0);
                if (step > warmUp) {
                    times.get(entry.getKey()).add((System.nanoTime() - begin) / 1e9);
                }
            }
            ownSeconds = (System.nanoTime() - start) / 1e9;
        }

        private List<PairStack> copy(List<PairStack> stacks) {
            var copy = new ArrayList<PairStack>();
            for (var stack : stacks) {
                var a = stack.loraA().duplicate();
                var b = stack.loraB().duplicate();
                a.attach(manager);
                b.attach(manager);
                copy.add(new PairStack(stack.paths(), a, b, stack.scaling()));
            }
            return copy;
        }

        @Override
        public void afterStep(StepReport report) {
            if (report.step() > warmUp) {
                steps.add(report.seconds() - ownSeconds);
            }
        }

        double stepMilliseconds() {
            return 1000 * TakingTurns.median(array(steps));
        }

        List<Row> rows() {
            var rows = new ArrayList<Row>();
            for (var entry : times.entrySet()) {
                var own = array(entry.getValue());
                rows.add(
                        new Row(
                                entry.getKey(),
                                1000 * TakingTurns.median(own),
                                TakingTurns.ratio(own, array(steps))));
            }
            return rows;
        }

        private static double[] array(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }

        @Override
        public void close() {
            optimizers.values().forEach(PairOptimizer::close);
            manager.close();
        }
    }

    private static void write(Path folder, Watch watch) throws IOException {
        Files.createDirectories(folder);
        var csv = new StringBuilder("optimizer,ms_a_step,share_of_training_step\n");
        var markdown = new StringBuilder();
        markdown.append("One optimizer step over MiniLM's 36 pairs at r = 8, as a share of a ");
        markdown.append("training step of batch 32 x 32 (");
        markdown.append(String.format(Locale.ROOT, "%.0f ms", watch.stepMilliseconds()));
        markdown.append("); medians of ").append(STEPS).append(" steps of one run.\n\nMade by ");
        markdown.append("`environment/lowrank bench share` on ");
        markdown.append(Benchmarks.machine()).append(".\n\n");
        markdown.append("| optimizer | ms | share |\n|---|---|---|\n");
        for (var row : watch.rows()) {
            csv.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%.2f,%.4f%n",
                            row.method(),
                            row.milliseconds(),
                            row.share()));
            markdown.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.2f | %.1f %% |%n",
                            row.method(),
                            row.milliseconds(),
                            100 * row.share()));
        }
        Files.writeString(folder.resolve("bench_share.csv"), csv);
        Files.writeString(folder.resolve("bench_share.md"), markdown);
        System.out.println(markdown);
    }
}
