package org.lowrank.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;

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
        var clock = new Clock();
        Benchmarks.train(
                encoder,
                batch,
                length,
                WARM_UP + steps,
                model -> clock.on(model, (long) batch * length));
        return new Result(
                encoder,
                batch,
                length,
                steps,
                TakingTurns.median(clock.steps),
                TakingTurns.median(clock.products),
                clock.operations);
    }

    private static final class Clock implements TrainingListener {
        final List<Double> steps = new ArrayList<>();
        final List<Double> products = new ArrayList<>();
        private FrozenProducts frozen;
        private long operations;

        /** The products live as long as the model. */
        Clock on(SentenceClassifier model, long rows) {
            frozen = new FrozenProducts(List.copyOf(model.linears().values()), rows);
            operations = frozen.operations();
            return this;
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

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        var result = measure("all-MiniLM-L6-v2", 32, 32, STEPS);
        var markdown =
                "A training step over the plain products of its frozen weights.\n\n%s.\n\n%s.\n"
                        .formatted(Benchmarks.made("encoder"), result);
        Benchmarks.write(folder, "bench_encoder", csv(result), markdown);
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
