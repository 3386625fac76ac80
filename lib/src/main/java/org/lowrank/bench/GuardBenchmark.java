package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lowrank.engine.Machine;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.train.StepReport;
import org.lowrank.train.TrainingListener;

/**
 * Whether a step has become slower than it was when {@code bench_guard.csv} was written:
 *
 * <pre>environment/lowrank bench guard</pre>
 *
 * compares and ends with a status that is not 0 if it has; where there is no such file it writes
 * one. Compared are ratios: of an optimizer's step over a {@link Yardstick}, of a training step of
 * MiniLM over the plain products of its frozen weights. Both are processor time of one thread, in
 * turns, medians of many; so other work on the machine, and another machine, change them little.
 */
public final class GuardBenchmark {

    /**
     * A ratio up to this many times the committed one passes. Beside other work, which takes its
     * share of the cache, the ratios were seen to vary by up to a quarter; what is worth a failed
     * build, something done twice, doubles one.
     */
    static final double TOLERANCE = 1.6;

    /**
     * On another processor than the file's: its caches and its arithmetic weigh an optimizer's step
     * and the yardstick differently.
     */
    static final double TOLERANCE_ELSEWHERE = 2 * TOLERANCE;

    /** What is slow once is measured again: noise passes, a slower step does not. */
    static final int ATTEMPTS = 3;

    private static final String NAME = "bench_guard";
    private static final String HEAD = "step,over,ratio,processor";
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 15;
    private static final int WARM_UP = 4;
    private static final int STEPS = 12;
    private static final String ENCODER = "all-MiniLM-L6-v2";
    private static final String TRAINING = ENCODER + " 8 x 32";

    /** An optimizer at a rank. */
    private record Step(String method, int rank) {
        @Override
        public String toString() {
            return method + " r=" + rank;
        }
    }

    private static final List<Step> OPTIMIZERS =
            List.of(
                    new Step("adamw", 8),
                    new Step("lora_pro", 8),
                    new Step("lora_pro_full", 8),
                    new Step("altlora_plus", 8),
                    new Step("lora_rite", 8),
                    new Step("adamw", 64),
                    new Step("lora_pro", 64));

    /**
     * What came out.
     *
     * @param ratios the least of the attempts, by step
     * @param slower the steps that stayed over the tolerance at every attempt
     */
    record Outcome(Map<String, Double> ratios, List<String> slower) {}

    private GuardBenchmark() {}

    /**
     * @param args the folder of {@code bench_guard.csv}
     */
    public static void main(String[] args) throws Exception {
        Benchmarks.useOneThread();
        var folder = Benchmarks.folder(args);
        var file = folder.resolve(NAME + ".csv");
        if (!Files.exists(file)) {
            var ratios = TakingTurns.onOneThread(GuardBenchmark::measure);
            Benchmarks.write(folder, NAME, csv(ratios), markdown(ratios));
            return;
        }
        var committed = read(file);
        double tolerance = tolerance(file);
        var outcome =
                judge(committed, tolerance, () -> TakingTurns.onOneThread(GuardBenchmark::measure));
        for (var ratio : outcome.ratios().entrySet()) {
            double before = committed.get(ratio.getKey());
            System.out.println(
                    String.format(
                            Locale.ROOT,
                            "%s: %.2f, committed %.2f, %.2f times%s",
                            ratio.getKey(),
                            ratio.getValue(),
                            before,
                            ratio.getValue() / before,
                            outcome.slower().contains(ratio.getKey()) ? ", SLOWER" : ""));
        }
        if (!outcome.slower().isEmpty()) {
            System.err.println(
                    ("%s took over %s times what %s says, at each of %d attempts. Find what made"
                                    + " it slower; if it is meant to be, delete the file and run"
                                    + " environment/lowrank bench guard on a quiet machine")
                            .formatted(outcome.slower(), tolerance, file, ATTEMPTS));
            System.exit(1);
        }
    }

    /**
     * @throws IllegalArgumentException if other steps are measured than were committed
     */
    static Outcome judge(
            Map<String, Double> committed, double tolerance, Callable<Map<String, Double>> measure)
            throws Exception {
        Map<String, Double> least = new LinkedHashMap<>();
        List<String> slower = List.of();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            measure.call().forEach((step, ratio) -> least.merge(step, ratio, Math::min));
            if (!least.keySet().equals(committed.keySet())) {
                throw new IllegalArgumentException(
                        "%s.csv holds ratios of %s, but measured are %s; delete it and run again"
                                .formatted(NAME, committed.keySet(), least.keySet()));
            }
            slower =
                    committed.keySet().stream()
                            // also where it is no number
                            .filter(s -> !(least.get(s) <= tolerance * committed.get(s)))
                            .toList();
            if (slower.isEmpty()) {
                break;
            }
        }
        return new Outcome(least, slower);
    }

    private static Map<String, Double> measure() throws IOException {
        Map<String, Double> ratios = new LinkedHashMap<>();
        var optimizers = new ArrayList<PairOptimizer>();
        try (var manager = NDManager.newBaseManager()) {
            var turns = new ArrayList<Runnable>();
            turns.add(new Yardstick(manager));
            for (var step : OPTIMIZERS) {
                var optimizer = Optimizers.create(step.method());
                optimizers.add(optimizer);
                var pairs = RandomPairs.of(manager, ModelShape.MINILM_L6, step.rank());
                turns.add(
                        () -> {
                            // an alternating method moves A in one and B in the other
                            optimizer.step(pairs.stacks(), pairs.raw(), 1e-9);
                            optimizer.step(pairs.stacks(), pairs.raw(), 1e-9);
                        });
            }
            var times = TakingTurns.microseconds(turns, ROUNDS);
            for (int i = 0; i < OPTIMIZERS.size(); i++) {
                ratios.put(OPTIMIZERS.get(i).toString(), TakingTurns.ratio(times[i + 1], times[0]));
            }
        } finally {
            optimizers.forEach(PairOptimizer::close);
        }
        ratios.put(TRAINING, training());
        return ratios;
    }

    private static double training() throws IOException {
        var watch = new Watch();
        Benchmarks.train(ENCODER, 8, 32, WARM_UP + STEPS, model -> watch.on(model, 8L * 32));
        return TakingTurns.median(watch.ratios);
    }

    /** After each step the plain products. */
    private static final class Watch implements TrainingListener {
        final List<Double> ratios = new ArrayList<>();
        private FrozenProducts frozen;
        private long begin;

        Watch on(SentenceClassifier model, long rows) {
            frozen = new FrozenProducts(List.copyOf(model.linears().values()), rows);
            return this;
        }

        @Override
        public void beforeStep(long step) {
            begin = CLOCK.getCurrentThreadCpuTime();
        }

        @Override
        public void afterStep(StepReport report) {
            long end = CLOCK.getCurrentThreadCpuTime();
            frozen.seconds();
            long after = CLOCK.getCurrentThreadCpuTime();
            if (report.step() > WARM_UP) {
                ratios.add((double) (end - begin) / (after - end));
            }
        }
    }

    static Map<String, Double> read(Path file) throws IOException {
        var lines = Files.readAllLines(file);
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (var line : lines.subList(1, lines.size())) {
            var cells = line.split(",");
            ratios.put(cells[0], Double.valueOf(cells[2]));
        }
        return ratios;
    }

    /** By whether the file is of a processor like this one. */
    static double tolerance(Path file) throws IOException {
        var cells = Files.readAllLines(file).get(1).split(",");
        return cells.length > 3 && cells[3].equals(processor()) ? TOLERANCE : TOLERANCE_ELSEWHERE;
    }

    private static String processor() {
        return String.valueOf(Machine.describe().get("cpu")).replace(',', ' ').strip();
    }

    static String csv(Map<String, Double> ratios) {
        var text = new StringBuilder(HEAD).append('\n');
        ratios.forEach(
                (step, ratio) ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "%s,%s,%.3f,%s%n",
                                        step,
                                        over(step),
                                        ratio,
                                        processor())));
        return text.toString();
    }

    private static String over(String step) {
        return step.equals(TRAINING) ? "plain products" : "yardstick";
    }

    private static String markdown(Map<String, Double> ratios) {
        var text = new StringBuilder();
        text.append(
                """
                Ratios that `.ci/run` compares with its own: two steps of an optimizer over MiniLM's \
                36 pairs over a yardstick of fixed work, and a training step over the plain products \
                of the frozen weights; processor time of one thread, medians in turns. A build \
                fails where one is %s times as large at each of %d attempts (%s times on another \
                processor).

                %s.

                | step | over | ratio |
                | :-- | :-- | --: |
                """
                        .formatted(
                                TOLERANCE,
                                ATTEMPTS,
                                TOLERANCE_ELSEWHERE,
                                Benchmarks.made("guard")));
        ratios.forEach(
                (step, ratio) ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "| %s | %s | %.2f |%n",
                                        step,
                                        over(step),
                                        ratio)));
        return text.toString();
    }
}
