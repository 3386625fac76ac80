package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.TaskData;
import org.lowrank.data.glue.GlueTask;
import org.lowrank.data.glue.HoldOut;
import org.lowrank.data.source.DataRoot;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.task.TextClassification;
import org.lowrank.task.TextShape;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/**
 * What one epoch of real sentences costs: batches of 32 sentences of like length, padded to their
 * longest, LoRA of rank 8 on every linear map, AdamW. Beside it the plain product time of the
 * frozen weights ({@link FrozenProducts}) on as many tokens as the sentences really have, taken in
 * the same run between two steps: padding counts against us.
 *
 * <pre>environment/lowrank bench epoch</pre>
 *
 * writes {@code bench_epoch.csv} and {@code .md} of CoLA on MiniLM; the data lie in {@code
 * LOWRANK_DATA}.
 */
public final class EpochBenchmark {

    /** Steps from one look at the products to the next. */
    private static final int EVERY = 8;

    /**
     * What was measured.
     *
     * @param sentences that were trained on
     * @param tokens of them, without padding
     * @param seconds in the steps
     * @param ratio step time over plain product time, over the steps that were looked at
     * @param epochSeconds of the whole training split at this speed
     */
    public record Result(
            String task,
            String encoder,
            long sentences,
            long tokens,
            double seconds,
            double ratio,
            double epochSeconds) {

        public double tokensPerSecond() {
            return tokens / seconds;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s on %s: %,d sentences, %,d tokens in %.1f s, %.0f tokens/s, %.2f times the"
                            + " plain products; an epoch takes %.0f s",
                    encoder,
                    task,
                    sentences,
                    tokens,
                    seconds,
                    tokensPerSecond(),
                    ratio,
                    epochSeconds);
        }
    }

    private EpochBenchmark() {}

    /**
     * Measures one epoch.
     *
     * @param most at most so many steps of it; the epoch's time is then worked out from them
     */
    public static Result measure(String encoder, TaskData data, int most) throws IOException {
        int labels = data.labelNames().size();
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(encoder);
                var model = opened.classifier(labels, LoadOptions.PLAIN, 1, manager);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                var pairAdam = Optimizers.create("adamw");
                var headAdam = new ParameterAdamW(0)) {
            var shape = new TextShape(32, 128, opened.prefix());
            var task = TextClassification.on(model, opened.tokenizer(), data, shape, 1);
            var trained = new Trained(model, adapters, pairAdam, model.headParameters(), headAdam);
            var clock = new Clock(List.copyOf(model.linears().values()));
            int steps = Math.min(most, task.batchesPerEpoch());
            new TrainingLoop(
                            trained,
                            task,
                            Map::of,
                            TrainingConfig.of(steps, 1e-4),
                            1,
                            List.of(clock))
                    .run();
            return clock.result(data, opened.name());
        }
    }

    private static final class Clock implements TrainingListener {
        private final List<AdaptableLinear> linears;
        private long sentences;
        private long tokens;
        private double seconds;
        private double sampledSteps;
        private double sampledProducts;

        Clock(List<AdaptableLinear> linears) {
            this.linears = linears;
        }

        @Override
        public void afterStep(StepReport report) {
            sentences += report.examples();
            tokens += report.tokens();
            seconds += report.seconds();
            if (report.step() % EVERY == 0) {
                try (var products = new FrozenProducts(linears, report.tokens())) {
                    products.seconds(); // warms up
                    sampledProducts += products.seconds();
                    sampledSteps += report.seconds();
                }
            }
        }

        Result result(TaskData data, String encoder) {
            return new Result(
                    data.name(),
                    encoder,
                    sentences,
                    tokens,
                    seconds,
                    sampledSteps / sampledProducts,
                    seconds * data.train().size() / sentences);
        }
    }

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        var data = GlueTask.COLA.load(DataRoot.ofThisMachine(), HoldOut.STANDARD);
        write(folder, measure("all-MiniLM-L6-v2", data, Integer.MAX_VALUE));
    }

    static void write(Path folder, Result result) throws IOException {
        var csv =
                String.format(
                        Locale.ROOT,
                        "task,encoder,sentences,tokens,seconds,tokens_per_second,over_products,epoch_seconds\n"
                                + "%s,%s,%d,%d,%.2f,%.0f,%.3f,%.1f\n",
                        result.task(),
                        result.encoder(),
                        result.sentences(),
                        result.tokens(),
                        result.seconds(),
                        result.tokensPerSecond(),
                        result.ratio(),
                        result.epochSeconds());
        var markdown =
                """
                An epoch of real sentences in batches of 32 of like length, LoRA of rank 8 on every \
                linear map, AdamW; beside it the plain products of the frozen weights on as many \
                tokens as the sentences have.

                %s.

                %s.
                """
                        .formatted(Benchmarks.made("epoch"), result);
        Benchmarks.write(folder, "bench_epoch", csv, markdown);
    }
}
