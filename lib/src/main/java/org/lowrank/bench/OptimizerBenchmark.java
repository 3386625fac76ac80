package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.PairStack;
import org.lowrank.linalg.Gram;
import org.lowrank.optim.BuiltInOptimizers;
import org.lowrank.optim.Optimizers;
import org.lowrank.rule.AltLora;
import org.lowrank.rule.Factors;
import org.lowrank.rule.GradientRule;
import org.lowrank.rule.LoraPro;
import org.lowrank.rule.PairAlgebra;
import org.lowrank.rule.PairGrams;
import org.lowrank.rule.ScaledGradient;
import org.lowrank.rule.XChoice;

/**
 * What one step of each optimizer costs on the pairs of three models, at ranks from 4 to 128:
 *
 * <pre>environment/lowrank bench optimizers</pre>
 *
 * writes {@code bench_optimizers.csv} and {@code .md}. Factors and gradients are random; what is
 * timed is the whole step: transfers, r x r algebra, products, moments, writing. The share of the r
 * x r algebra is that of the rule's coefficients on the host, timed alone on the same Gram
 * matrices; LoRA-RITE's is not told apart. Times are processor time of the calling thread, PyTorch
 * on one thread, medians of several rounds. Full mode is left out where its state would exceed 1
 * GB.
 */
public final class OptimizerBenchmark {

    private static final int[] RANKS = {4, 8, 16, 32, 64, 128};
    private static final int ROUNDS = 7;
    private static final int FEW_ROUNDS = 3;

    private static final List<ModelShape> MODELS =
            List.of(ModelShape.MINILM_L6, ModelShape.BERT_BASE, ModelShape.LLAMA_2_7B.oneLayer());

    private static final long LARGEST_FULL_STATE = 1L << 30;

    /** The rules whose algebra an optimizer's step does on the host, in order. */
    private static final Map<String, List<GradientRule>> METHODS = new LinkedHashMap<>();

    static {
        var pro = new LoraPro(XChoice.SYLVESTER, BuiltInOptimizers.LORA_PRO_DAMPING);
        var zero = new LoraPro(XChoice.ZERO, BuiltInOptimizers.LORA_PRO_DAMPING);
        var scaled = new ScaledGradient(BuiltInOptimizers.SCALED_DAMPING);
        METHODS.put("sgd", List.of());
        METHODS.put("adamw", List.of());
        METHODS.put("lora_fa_projected", List.of(new AltLora(Factors.B, 1e-8)));
        METHODS.put("scaled_adamw", List.of(scaled));
        METHODS.put("lora_pro_sgd", List.of(pro));
        METHODS.put("lora_pro", List.of(pro));
        METHODS.put("lora_pro x=ZERO", List.of(zero));
        // The rule before the moments, the check that it can be solved again, the rule after them,
        // on the same Gram matrices, whose eigenvalues are kept.
        METHODS.put("lora_pro_full", List.of(pro, pro, pro));
        METHODS.put("altlora", List.of(new AltLora(Factors.A, 1e-6)));
        METHODS.put("altlora_plus", List.of(new AltLora(Factors.A, 1e-6)));
        METHODS.put("altlora order=JOINT", List.of(new AltLora(Factors.BOTH, 1e-6)));
        METHODS.put(
                "altlora_released",
                List.of(new AltLora(Factors.A, 1e-5), new AltLora(Factors.B, 1e-5)));
        METHODS.put("lora_rite", null);
    }

    /** One line of the table. */
    record Row(
            ModelShape model,
            int pairs,
            int rank,
            String method,
            double microseconds,
            double algebraMicroseconds,
            long stateBytes) {

        String csv() {
            return String.format(
                    Locale.ROOT,
                    "\"%s\",%d,%s,%.1f,%.2f,%s,%d",
                    model.name(),
                    rank,
                    method,
                    microseconds / pairs,
                    microseconds / 1000,
                    Double.isNaN(algebraMicroseconds)
                            ? ""
                            : String.format(
                                    Locale.ROOT, "%.3f", algebraMicroseconds / microseconds),
                    stateBytes / pairs);
        }
    }

    private OptimizerBenchmark() {}

    /**
     * @param args the folder to write to
     */
    public static void main(String[] args) throws IOException {
        var folder = Benchmarks.folder(args);
        Benchmarks.useOneThread();
        var rows = new ArrayList<Row>();
        for (var model : MODELS) {
            for (int rank : RANKS) {
                rows.addAll(measure(model, rank, rank < 64 ? ROUNDS : FEW_ROUNDS));
            }
        }
        write(folder, rows);
    }

    static List<Row> measure(ModelShape model, int rank, int rounds) {
        var rows = new ArrayList<Row>();
        try (var manager = NDManager.newBaseManager()) {
            var pairs = RandomPairs.of(manager, model, rank);
            for (var method : METHODS.keySet()) {
                boolean full = method.startsWith("lora_pro_full");
                if (full && 8 * model.mapParameters() > LARGEST_FULL_STATE) {
                    continue;
                }
                rows.add(measure(model, rank, method, pairs, rounds));
                System.out.println(rows.get(rows.size() - 1).csv());
            }
        }
        return rows;
    }

    private static Row measure(
            ModelShape model, int rank, String method, RandomPairs pairs, int rounds) {
        var name = method.split(" ");
        var options =
                name.length == 1
                        ? Map.<String, Object>of()
                        : Map.<String, Object>of(name[1].split("=")[0], name[1].split("=")[1]);
        try (var optimizer = Optimizers.create(name[0], options)) {
            var competitors = new ArrayList<Runnable>();
            // A rate that leaves the factors where they are, so that every round sees the same.
            competitors.add(() -> optimizer.step(pairs.stacks(), pairs.raw(), 1e-9));
            var rules = METHODS.get(method);
            if (rules != null && !rules.isEmpty()) {
                var grams = grams(pairs);
                competitors.add(() -> algebra(rules, pairs.stacks(), grams));
            }
            var times = TakingTurns.microseconds(competitors, rounds);
            return new Row(
                    model,
                    pairs.pairs(),
                    rank,
                    method,
                    TakingTurns.median(times[0]),
                    rules == null ? Double.NaN : rules.isEmpty() ? 0 : TakingTurns.median(times[1]),
                    optimizer.stateBytes());
        }
    }

    private static List<PairGrams[]> grams(RandomPairs pairs) {
        try (var algebra = PairAlgebra.of(pairs.stacks(), pairs.raw())) {
            return algebra.grams();
        }
    }

    private static void algebra(
            List<GradientRule> rules, List<PairStack> stacks, List<PairGrams[]> grams) {
        var fresh =
                grams.stream()
                        .map(
                                s ->
                                        Arrays.stream(s)
                                                .map(OptimizerBenchmark::fresh)
                                                .toArray(PairGrams[]::new))
                        .toList();
        for (var rule : rules) {
            PairStack.forEachPair(
                    stacks, (stack, layer) -> rule.coefficients(fresh.get(stack)[layer]));
        }
    }

    /** Gram matrices keep their eigenvalues; in a step they are new. */
    private static PairGrams fresh(PairGrams g) {
        return new PairGrams(
                new Gram(g.gramA().matrix()),
                new Gram(g.gramB().matrix()),
                g.gradAAt(),
                g.bTGradB(),
                g.scaling());
    }

    private static void write(Path folder, List<Row> rows) throws IOException {
        var csv =
                new StringBuilder(
                        "pairs_of,rank,optimizer,us_a_pair,ms_a_step,algebra_share,"
                                + "state_bytes_a_pair\n");
        rows.forEach(row -> csv.append(row.csv()).append('\n'));
        Benchmarks.write(folder, "bench_optimizers", csv.toString(), markdown(rows));
    }

    private static String markdown(List<Row> rows) {
        var text = new StringBuilder();
        text.append(
                """
                Microseconds a pair of one optimizer step, by rank; in brackets the share of the \
                r x r algebra in percent.

                %s, float32.
                """
                        .formatted(Benchmarks.made("optimizers")));
        for (var model : rows.stream().map(Row::model).distinct().toList()) {
            text.append("\n**").append(model.name()).append("**\n\n| optimizer |");
            for (int rank : RANKS) {
                text.append(" r = ").append(rank).append(" |");
            }
            text.append("\n|---|").append("---|".repeat(RANKS.length)).append('\n');
            for (var method : METHODS.keySet()) {
                var line =
                        rows.stream()
                                .filter(r -> r.model().equals(model) && r.method().equals(method));
                var cells = line.map(OptimizerBenchmark::cell).toList();
                if (!cells.isEmpty()) {
                    text.append("| ").append(method).append(" | ");
                    text.append(String.join(" | ", cells)).append(" |\n");
                }
            }
        }
        return text.toString();
    }

    private static String cell(Row row) {
        var time = String.format(Locale.ROOT, "%.0f", row.microseconds() / row.pairs());
        double share = 100 * row.algebraMicroseconds() / row.microseconds();
        return Double.isNaN(share) || share == 0
                ? time
                : time + String.format(Locale.ROOT, " (%.0f)", share);
    }
}
