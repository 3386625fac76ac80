package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.PairGradient;
import org.lowrank.adapter.PairStack;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;

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

    /** The JVM compiles by counts of calls; an epoch of CoLA has 268 steps. */
    private static final int WARM_UP = 100;

    private static final int STEPS = 40;
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
        try (var watch = new Watch(methods, warmUp)) {
            Benchmarks.train(encoder, 32, 32, warmUp + steps, model -> watch);
            return watch;
        }
    }

    /** Lets every optimizer make the step that the training is about to make. */
    static final class Watch implements TrainingListener, AutoCloseable {

        private final NDManager manager = NDManager.newBaseManager();
        private final int warmUp;
        private final Map<String, PairOptimizer> optimizers = new LinkedHashMap<>();
        private final Map<String, List<PairStack>> copies = new LinkedHashMap<>();
        private final Map<String, List<Double>> times = new LinkedHashMap<>();
        private final List<Double> steps = new ArrayList<>();
        private double ownSeconds;

        Watch(List<String> methods, int warmUp) {
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
            return 1000 * TakingTurns.median(steps);
        }

        List<Row> rows() {
            var rows = new ArrayList<Row>();
            for (var entry : times.entrySet()) {
                var own = TakingTurns.array(entry.getValue());
                rows.add(
                        new Row(
                                entry.getKey(),
                                1000 * TakingTurns.median(own),
                                TakingTurns.ratio(own, TakingTurns.array(steps))));
            }
            return rows;
        }

        @Override
        public void close() {
            optimizers.values().forEach(PairOptimizer::close);
            manager.close();
        }
    }

    private static void write(Path folder, Watch watch) throws IOException {
        var csv = new StringBuilder("optimizer,ms_a_step,share_of_training_step\n");
        var markdown = new StringBuilder();
        markdown.append(
                """
                One optimizer step over MiniLM's 36 pairs at r = 8, as a share of a training step \
                of batch 32 x 32 (%d ms); medians of %d steps of one run, after %d others.

                %s.

                | optimizer | ms | share |
                |---|---|---|
                """
                        .formatted(
                                Math.round(watch.stepMilliseconds()),
                                STEPS,
                                WARM_UP,
                                Benchmarks.made("share")));
        for (var row : watch.rows()) {
            var part = String.format(Locale.ROOT, "%.2f", row.milliseconds());
            var share = String.format(Locale.ROOT, "%.4f", row.share());
            var percent = String.format(Locale.ROOT, "%.1f", 100 * row.share());
            csv.append("%s,%s,%s\n".formatted(row.method(), part, share));
            markdown.append("| %s | %s | %s %% |\n".formatted(row.method(), part, percent));
        }
        Benchmarks.write(folder, "bench_share", csv.toString(), markdown.toString());
    }
}
