package org.lowrank.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;

/**
 * What a training step of a real encoder costs, over the plain product time of its frozen weights
 * ({@link FrozenProducts}): LoRA of rank 8 on every linear map, forward, loss, backward, clipping,
 * AdamW. Steps and products alternate within one run, so that both see the same machine; medians
 * are compared. With a peer, blocks of steps of transformers and PEFT on as many threads come in
 * turns with ours.
 *
 * <pre>LOWRANK_PEER_PYTHON=VENV/bin/python environment/lowrank bench encoder --peer</pre>
 *
 * writes {@code bench_encoder.csv} and {@code .md}.
 */
public final class EncoderStepBenchmark {

    private static final int WARM_UP = 6;

    /** Steps of the peer after as many of ours. */
    private static final int BLOCK = 3;

    private record Form(String encoder, int batch, int length, int steps) {}

    private static final List<Form> FORMS =
            List.of(
                    new Form("all-MiniLM-L6-v2", 32, 32, 30),
                    new Form("all-MiniLM-L6-v2", 32, 64, 18),
                    new Form("bert-base-uncased", 8, 128, 9));

    /**
     * What was measured; times are medians.
     *
     * @param encoder the checkpoint's name
     * @param stepSeconds a whole training step
     * @param productSeconds the products of the frozen weights alone
     * @param operations multiplications and additions of these products
     * @param peerSeconds a step of transformers and PEFT, NaN without it
     * @param peerRatio the median over the steps of the peer's time over ours, NaN without it
     */
    public record Result(
            String encoder,
            int batch,
            int length,
            int steps,
            double stepSeconds,
            double productSeconds,
            long operations,
            double peerSeconds,
            double peerRatio) {

        /** Step time over plain product time. */
        public double ratio() {
            return stepSeconds / productSeconds;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s, batch %d x %d, LoRA r=8 on every linear map, medians of %d: step %.1f ms,"
                            + " plain products %.1f ms (%.0f GFLOP/s), ratio %.2f, %.0f tokens/s%s",
                    encoder,
                    batch,
                    length,
                    steps,
                    1e3 * stepSeconds,
                    1e3 * productSeconds,
                    operations / productSeconds / 1e9,
                    ratio(),
                    batch * length / stepSeconds,
                    Double.isNaN(peerRatio)
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    ", peer %.1f ms, %.2f times ours",
                                    1e3 * peerSeconds,
                                    peerRatio));
        }
    }

    private EncoderStepBenchmark() {}

    /** Measures; a few steps before the first one that counts warm up. */
    public static Result measure(String encoder, int batch, int length, int steps)
            throws IOException {
        return measure(new Form(encoder, batch, length, steps), false);
    }

    private static Result measure(Form form, boolean withPeer) throws IOException {
        try (var clock = new Clock(form, withPeer)) {
            Benchmarks.train(
                    form.encoder(), form.batch(), form.length(), WARM_UP + form.steps(), clock::on);
            return clock.result();
        }
    }

    private static final class Clock implements TrainingListener, AutoCloseable {
        private final List<Double> steps = new ArrayList<>();
        private final List<Double> products = new ArrayList<>();
        private final List<Double> theirs = new ArrayList<>();
        private final Form form;
        private final boolean withPeer;
        private FrozenProducts frozen;
        private EncoderPeer peer;
        private long operations;

        Clock(Form form, boolean withPeer) {
            this.form = form;
            this.withPeer = withPeer;
        }

        /** The products live as long as the model. */
        Clock on(SentenceClassifier model) {
            var linears = List.copyOf(model.linears().values());
            frozen = new FrozenProducts(linears, (long) form.batch() * form.length());
            operations = frozen.operations();
            if (withPeer) {
                try {
                    peer = new EncoderPeer(form.encoder(), linears.size());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return this;
        }

        @Override
        public void afterStep(StepReport report) {
            double seconds = frozen.seconds();
            if (report.step() > WARM_UP) {
                steps.add(report.seconds());
                products.add(seconds);
            }
            if (withPeer && report.step() % BLOCK == 0) {
                try {
                    var block = peer.seconds(form.batch(), form.length(), BLOCK);
                    if (report.step() > WARM_UP) {
                        theirs.addAll(block);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        Result result() {
            return new Result(
                    form.encoder(),
                    form.batch(),
                    form.length(),
                    form.steps(),
                    TakingTurns.median(steps),
                    TakingTurns.median(products),
                    operations,
                    TakingTurns.median(theirs),
                    withPeer
                            ? TakingTurns.ratio(TakingTurns.array(theirs), TakingTurns.array(steps))
                            : Double.NaN);
        }

        @Override
        public void close() throws IOException {
            if (peer != null) {
                peer.close();
            }
        }
    }

    /**
     * @param args the folder to write to, and perhaps {@code --peer}
     */
    public static void main(String[] args) throws IOException {
        var arguments = new ArrayList<>(List.of(args));
        boolean withPeer = arguments.remove("--peer");
        var folder = Benchmarks.folder(arguments.toArray(String[]::new));
        var results = new ArrayList<Result>();
        for (var form : FORMS) {
            results.add(measure(form, withPeer));
            System.out.println(results.get(results.size() - 1));
        }
        Benchmarks.write(folder, "bench_encoder", csv(results), markdown(results, withPeer));
    }

    private static String markdown(List<Result> results, boolean withPeer) {
        var text = new StringBuilder();
        text.append(
                """
                A training step over the plain products of its frozen weights, LoRA r = 8 on every \
                linear map; medians. Of bert-base-uncased the first token alone is read, and its \
                last layer computed for that one; the products are those of all tokens.

                %s%s.

                | encoder | batch | steps | step, ms | products, ms | ratio | tokens/s | peer, ms \
                | peer over ours |
                | :-- | :-- | --: | --: | --: | --: | --: | --: | --: |
                """
                        .formatted(
                                Benchmarks.made("encoder" + (withPeer ? " --peer" : "")),
                                withPeer ? "; the peer is transformers with PEFT, in turns" : ""));
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %d x %d | %d | %.1f | %.1f | %.2f | %.0f | %s | %s |%n",
                            r.encoder(),
                            r.batch(),
                            r.length(),
                            r.steps(),
                            1e3 * r.stepSeconds(),
                            1e3 * r.productSeconds(),
                            r.ratio(),
                            r.batch() * r.length() / r.stepSeconds(),
                            shown(1, 1e3 * r.peerSeconds()),
                            shown(2, r.peerRatio())));
        }
        return text.toString();
    }

    private static String shown(int digits, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String csv(List<Result> results) {
        var text =
                new StringBuilder(
                        "encoder,batch,length,steps,step_ms,products_ms,ratio,peer_ms,peer_ratio\n");
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%d,%d,%d,%.1f,%.1f,%.3f,%.1f,%.3f%n",
                            r.encoder(),
                            r.batch(),
                            r.length(),
                            r.steps(),
                            1e3 * r.stepSeconds(),
                            1e3 * r.productSeconds(),
                            r.ratio(),
                            1e3 * r.peerSeconds(),
                            r.peerRatio()));
        }
        return text.toString();
    }
}
