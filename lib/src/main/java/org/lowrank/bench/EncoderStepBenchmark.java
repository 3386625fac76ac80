package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/**
 * What a training step of a real encoder costs, over the plain product time of its frozen weights
 * ({@link FrozenProducts}): batch 32, length 32, LoRA of rank 8 on every linear map, forward, loss,
 * backward, clipping, AdamW. Steps and products alternate within one run, so that both see the same
 * machine; medians are compared.
 *
 * <pre>environment/lowrank bench encoder</pre>
 *
 * writes {@code bench_encoder.csv} and {@code .md}.
 */
public final class EncoderStepBenchmark {

    private static final int WARM_UP = 5;
    private static final int STEPS = 30;

    /**
     * What was measured; times are medians.
     *
     * @param encoder the checkpoint's name
     * @param stepSeconds a whole training step
     * @param productSeconds the products of the frozen weights alone
     * @param operations multiplications and additions of these products
     */
    public record Result(
            String encoder,
            int batch,
            int length,
            int steps,
            double stepSeconds,
            double productSeconds,
            long operations) {

        /** Step time over plain product time. */
        public double ratio() {
            return stepSeconds / productSeconds;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s, batch %d x %d, LoRA r=8 on every linear map, medians of %d: step %.1f ms,"
                            + " plain products %.1f ms (%.0f GFLOP/s), ratio %.2f, %.0f tokens/s",
                    encoder,
                    batch,
                    length,
                    steps,
                    1e3 * stepSeconds,
                    1e3 * productSeconds,
                    operations / productSeconds / 1e9,
                    ratio(),
                    batch * length / stepSeconds);
        }
    }

    private EncoderStepBenchmark() {}

    /** Measures; a few steps before the first one that counts warm up. */
    public static Result measure(String encoder, int batch, int length, int steps)
            throws IOException {
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(encoder);
                var body = opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
                var model = SentenceClassifier.on(body, opened.pooling(), 2, 0.1, 1);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                var products =
                        new FrozenProducts(
                                List.copyOf(model.linears().values()), (long) batch * length);
                var pairAdam = Optimizers.create("adamw");
                var headAdam = new ParameterAdamW(0)) {
            var trained = new Trained(model, adapters, pairAdam, model.headParameters(), headAdam);
            var clock = new Clock(products);
            new TrainingLoop(
                            trained,
                            new RandomSentences(model, batch, length, 1),
                            Map::of,
                            TrainingConfig.of(WARM_UP + steps, 1e-4),
                            1,
                            List.of(clock))
                    .run();
            return new Result(
                    opened.name(),
                    batch,
                    length,
                    steps,
                    median(clock.steps),
                    median(clock.products),
                    products.operations());
        }
    }

    private static final class Clock implements TrainingListener {
        final List<Double> steps = new ArrayList<>();
        final List<Double> products = new ArrayList<>();
        private final FrozenProducts frozen;

        Clock(FrozenProducts frozen) {
            this.frozen = frozen;
        }

        @Override
        public void afterStep(StepReport report) {
            double seconds = frozen.seconds();
            if (report.step() > WARM_UP) {
                steps.add(report.seconds());
                products.add(seconds);
            }
        }
    }

    private static double median(List<Double> values) {
        return TakingTurns.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        var result = measure("all-MiniLM-L6-v2", 32, 32, STEPS);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("bench_encoder.csv"), csv(result));
        var markdown =
                "A training step over the plain products of its frozen weights.\n\nMade by"
                        + " `environment/lowrank bench encoder` on "
                        + Benchmarks.machine()
                        + ".\n\n"
                        + result
                        + ".\n";
        Files.writeString(folder.resolve("bench_encoder.md"), markdown);
        System.out.println(markdown);
    }

    private static String csv(Result r) {
        return String.format(
                Locale.ROOT,
                "encoder,batch,length,steps,step_ms,products_ms,ratio%n%s,%d,%d,%d,%.1f,%.1f,%.3f%n",
                r.encoder(),
                r.batch(),
                r.length(),
                r.steps(),
                1e3 * r.stepSeconds(),
                1e3 * r.productSeconds(),
                r.ratio());
    }
}
