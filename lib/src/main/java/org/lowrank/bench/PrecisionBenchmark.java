package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.instruction.Sample;
import org.lowrank.engine.Machine;
import org.lowrank.engine.Precision;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.CausalModel;
import org.lowrank.optim.Optimizers;
import org.lowrank.task.instruction.AnswerObjective;
import org.lowrank.train.StepReport;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingLoop;

/**
 * A training step of SmolLM2 with its base in float32, in bfloat16 and in the blocks of its file:
 * LoRA of rank 8 on every linear map, blocks of steps of each in turns, so that all see the same
 * machine; the loss of the first step, and the highest resident memory of a process of each one's
 * own. Writes {@code bench_precision.csv} and {@code .md}.
 */
public final class PrecisionBenchmark {

    private static final List<Precision> PRECISIONS =
            List.of(Precision.float32, Precision.bfloat16, Precision.as_stored);
    private static final int BATCH = 8;
    private static final int LENGTH = 64;
    private static final int BLOCK = 2;
    private static final int ROUNDS = 5;

    /** Said of a process that is to measure its memory alone. */
    private static final String ALONE = "--alone";

    /** One precision's step. */
    private record Result(
            Precision precision, double seconds, double ratio, double loss, long peak) {}

    private PrecisionBenchmark() {}

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args[0].equals(ALONE)) {
            alone(Precision.named(args[1]));
            return;
        }
        var seconds = new LinkedHashMap<Precision, List<Double>>();
        var losses = inTurns(seconds);
        var base = TakingTurns.array(seconds.get(Precision.float32));
        var results = new ArrayList<Result>();
        for (var precision : PRECISIONS) {
            var times = TakingTurns.array(seconds.get(precision));
            results.add(
                    new Result(
                            precision,
                            TakingTurns.median(times),
                            TakingTurns.ratio(times, base),
                            losses.get(precision),
                            peak(precision)));
        }
        Benchmarks.write(Benchmarks.folder(args), "bench_precision", csv(results), text(results));
    }

    /** The losses of the first steps; the first round warms up and is not counted. */
    private static Map<Precision, Double> inTurns(Map<Precision, List<Double>> seconds)
            throws IOException {
        var losses = new LinkedHashMap<Precision, Double>();
        try (var manager = NDManager.newBaseManager()) {
            var models = new LinkedHashMap<Precision, CausalModel>();
            for (var precision : PRECISIONS) {
                models.put(precision, open(precision, manager));
                seconds.put(precision, new ArrayList<>());
            }
            for (int round = 0; round <= ROUNDS; round++) {
                for (var precision : PRECISIONS) {
                    var steps = steps(models.get(precision), BLOCK);
                    losses.put(precision, steps.get(0).loss());
                    if (round > 0) {
                        seconds.get(precision)
                                .add(steps.stream().mapToDouble(StepReport::seconds).sum() / BLOCK);
                    }
                }
            }
        }
        return losses;
    }

    private static CausalModel open(Precision precision, NDManager manager) throws IOException {
        try (var opened = PretrainedModel.open(PeerModel.NAME)) {
            var options = LoadOptions.PLAIN.withPrecision(precision);
            return opened.load(CausalModel.class, options, manager);
        }
    }

    private static List<StepReport> steps(CausalModel model, int count) {
        try (var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                var adam = Optimizers.create("adamw")) {
            var random = new Random(1);
            var rows = new ArrayList<Sample>();
            for (int row = 0; row < BATCH; row++) {
                var ids = random.ints(LENGTH, 0, model.vocabulary()).toArray();
                var labels = ids.clone();
                labels[0] = Sample.NONE;
                rows.add(new Sample(ids, labels, 0));
            }
            var lengths = new int[BATCH];
            Arrays.fill(lengths, LENGTH);
            return new TrainingLoop(
                            Trained.of(model, adapters, adam, Map.of()),
                            new AnswerObjective(
                                    model, rows, 0, BatchPlan.ofSize(lengths, BATCH, 1), false),
                            Map::of,
                            TrainingConfig.of(count, 1e-4),
                            1,
                            List.of())
                    .run()
                    .steps();
        }
    }

    private static void alone(Precision precision) throws IOException {
        try (var manager = NDManager.newBaseManager()) {
            steps(open(precision, manager), BLOCK);
        }
        System.out.println(Machine.peakMemory());
    }

    private static long peak(Precision precision) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-Dai.djl.offline=true"));
        command.add("-Dai.djl.pytorch.num_threads=" + Benchmarks.threads());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(PrecisionBenchmark.class.getName(), ALONE, precision.name()));
        var builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        var process = builder.start();
        try (var said = process.getInputStream()) {
            var text = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new UncheckedIOException(
                        new IOException("a step in " + precision + " has ended with: " + text));
            }
            return Long.parseLong(text.substring(text.lastIndexOf('\n') + 1));
        }
    }

    private static String text(List<Result> results) {
        var text = new StringBuilder();
        text.append(
                """
                A training step of %s, %d x %d tokens, LoRA r = 8 on every linear map, with the base held so; medians of %d rounds in turns.

                %s. The peak is that of a process of its own with a Java heap of 256 MB.

                | base | s a step | over float32 | peak, GB | loss of the first step |
                | :-- | --: | --: | --: | --: |
                """
                        .formatted(
                                PeerModel.NAME,
                                BATCH,
                                LENGTH,
                                ROUNDS,
                                Benchmarks.made("precision")));
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.2f | %.2f | %.2f | %.6f |%n",
                            r.precision(),
                            r.seconds(),
                            r.ratio(),
                            r.peak() / 1e9,
                            r.loss()));
        }
        return text.toString();
    }

    private static String csv(List<Result> results) {
        var text = new StringBuilder("precision,seconds,ratio,peak_bytes,loss\n");
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%.4f,%.4f,%d,%.9g%n",
                            r.precision(),
                            r.seconds(),
                            r.ratio(),
                            r.peak(),
                            r.loss()));
        }
        return text.toString();
    }
}
