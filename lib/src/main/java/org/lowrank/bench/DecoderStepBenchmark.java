package org.lowrank.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.model.block.CausalModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/**
 * What a training step of SmolLM2 costs: LoRA of rank 8 on every linear map, forward, loss,
 * backward, clipping, AdamW. With a peer, blocks of steps of transformers and PEFT alternate with
 * ours on as many threads, so that both see the same machine; medians are compared.
 *
 * <pre>LOWRANK_PEER_PYTHON=VENV/bin/python environment/lowrank bench decoder --peer</pre>
 *
 * writes {@code bench_decoder.csv} and {@code .md}.
 */
public final class DecoderStepBenchmark {

    private static final int BATCH = 8;
    private static final int BLOCK = 2;
    private static final int ROUNDS = 3;

    /** Length of a row, and how many of its last tokens have a label. */
    private record Form(int length, int labels) {}

    private static final List<Form> FORMS =
            List.of(new Form(64, 63), new Form(64, 16), new Form(128, 127), new Form(128, 32));

    /**
     * Medians of one form.
     *
     * @param peer NaN without one
     */
    record Result(int length, int labels, double seconds, double peer) {

        double tokensPerSecond() {
            return BATCH * length / seconds;
        }

        double ratio() {
            return seconds / peer;
        }
    }

    private DecoderStepBenchmark() {}

    /**
     * @param args the folder to write to, and perhaps {@code --peer}
     */
    public static void main(String[] args) throws IOException {
        var arguments = new ArrayList<>(List.of(args));
        boolean withPeer = arguments.remove("--peer");
        var folder = Benchmarks.folder(arguments.toArray(String[]::new));
        var results = new ArrayList<Result>();
        try (var both = new PeerModel(withPeer);
                var peer = both.start("decoder_step.py")) {
            for (var form : FORMS) {
                results.add(measure(both.model(), form, peer));
                System.out.println(text(results.get(results.size() - 1)));
            }
        }
        Benchmarks.write(folder, "bench_decoder", csv(results), markdown(results, withPeer));
    }

    private static Result measure(CausalModel model, Form form, PythonPeer peer) {
        try (var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                var adam = Optimizers.create("adamw")) {
            var samples = random(model, form);
            var lengths = samples.stream().mapToInt(Sample::length).toArray();
            var plan = BatchPlan.ofSize(lengths, BATCH, 1);
            var turns = new Turns(form, peer);
            new TrainingLoop(
                            Trained.of(model, adapters, adam, Map.of()),
                            new AnswerObjective(model, samples, 0, plan, false),
                            Map::of,
                            TrainingConfig.of(BLOCK * (1 + ROUNDS), 1e-4),
                            1,
                            List.of(turns))
                    .run();
            return new Result(
                    form.length(),
                    form.labels(),
                    TakingTurns.median(turns.ours),
                    TakingTurns.median(turns.theirs));
        }
    }

    private static List<Sample> random(CausalModel model, Form form) {
        var random = new Random(1);
        var rows = new ArrayList<Sample>();
        for (int row = 0; row < BATCH; row++) {
            var ids = random.ints(form.length(), 0, model.vocabulary()).toArray();
            var labels = ids.clone();
            Arrays.fill(labels, 0, form.length() - form.labels(), Sample.NONE);
            rows.add(new Sample(ids, labels, 0));
        }
        return rows;
    }

    /** After each block of our steps one of the peer's; the first of both warms up. */
    private static final class Turns implements TrainingListener {
        final List<Double> ours = new ArrayList<>();
        final List<Double> theirs = new ArrayList<>();
        private final Form form;
        private final PythonPeer peer;

        Turns(Form form, PythonPeer peer) {
            this.form = form;
            this.peer = peer;
        }

        @Override
        public void afterStep(StepReport report) {
            boolean counts = report.step() > BLOCK;
            if (counts) {
                ours.add(report.seconds());
            }
            if (peer != null && report.step() % BLOCK == 0) {
                var question =
                        Map.of(
                                "batch",
                                BATCH,
                                "length",
                                form.length(),
                                "labels",
                                form.labels(),
                                "steps",
                                BLOCK);
                try {
                    var seconds = peer.ask(question).get("seconds");
                    if (counts) {
                        seconds.forEach(s -> theirs.add(s.asDouble()));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static String text(Result r) {
        return String.format(
                Locale.ROOT,
                "%d x %d, %d labels a row: %.2f s a step, %.0f tokens/s%s",
                BATCH,
                r.length(),
                r.labels(),
                r.seconds(),
                r.tokensPerSecond(),
                Double.isNaN(r.peer())
                        ? ""
                        : String.format(
                                Locale.ROOT, ", peer %.2f s, ratio %.2f", r.peer(), r.ratio()));
    }

    private static String markdown(List<Result> results, boolean withPeer) {
        var text = new StringBuilder();
        text.append(
                """
                A training step of %s, LoRA r = 8 on every linear map, medians of %d.

                %s%s.

                | batch | labels a row | s a step | tokens/s | peer, s | ratio |
                | :-- | --: | --: | --: | --: | --: |
                """
                        .formatted(
                                PeerModel.NAME,
                                BLOCK * ROUNDS,
                                Benchmarks.made("decoder" + (withPeer ? " --peer" : "")),
                                withPeer ? "; the peer is transformers with PEFT, in turns" : ""));
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %d x %d | %d | %.2f | %.0f | %s | %s |%n",
                            BATCH,
                            r.length(),
                            r.labels(),
                            r.seconds(),
                            r.tokensPerSecond(),
                            shown(r.peer()),
                            shown(r.ratio())));
        }
        return text.toString();
    }

    private static String shown(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String csv(List<Result> results) {
        var text = new StringBuilder("batch,length,labels,seconds,peer_seconds,ratio\n");
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%d,%d,%d,%.4f,%.4f,%.4f%n",
                            BATCH,
                            r.length(),
                            r.labels(),
                            r.seconds(),
                            r.peer(),
                            r.ratio()));
        }
        return text.toString();
    }
}
