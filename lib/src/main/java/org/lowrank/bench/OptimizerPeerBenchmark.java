package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lowrank.adapter.PairStack;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;

/**
 * What an optimizer's step takes beside the same step in PyTorch, both on stacks of equal pairs in
 * float32, in turns on as many threads:
 *
 * <pre>LOWRANK_PEER_PYTHON=VENV/bin/python environment/lowrank bench optimizers_peer --peer</pre>
 *
 * writes {@code bench_optimizers_peer.csv} and {@code .md}. Times are of the clock. PyTorch's side
 * is its own AdamW, and AltLoRA's algorithms written with its operations ({@code
 * environment/peers/optimizers.py}); the methods without such a side are timed alone.
 */
public final class OptimizerPeerBenchmark {

    private static final int[] RANKS = {8, 64};

    /** The JVM compiles by counts of calls: some thousand steps where they are short. */
    private static final int WARM_UP = 50;

    private static final double WARM_UP_SECONDS = 15;

    private static final int TURNS = 15;

    /** Rounds of two steps in a turn. */
    private static final int ROUNDS = 3;

    private static final List<String> BESIDE = List.of("adamw", "altlora", "altlora_plus");

    private static final List<String> METHODS =
            List.of("adamw", "altlora", "altlora_plus", "lora_pro", "lora_pro_full", "lora_rite");

    /**
     * One line of the table.
     *
     * @param peer seconds of PyTorch, NaN without it
     * @param ratio the median over the turns of ours over theirs
     */
    record Row(String method, int rank, double seconds, double peer, double ratio) {}

    private OptimizerPeerBenchmark() {}

    /**
     * @param args the folder to write to, and perhaps {@code --peer}
     */
    public static void main(String[] args) throws IOException {
        var arguments = new ArrayList<>(List.of(args));
        boolean withPeer = arguments.remove("--peer");
        var folder = Benchmarks.folder(arguments.toArray(String[]::new));
        var rows = new ArrayList<Row>();
        try (var peer = withPeer ? start() : null) {
            for (int rank : RANKS) {
                for (var method : METHODS) {
                    rows.add(measure(method, rank, BESIDE.contains(method) ? peer : null));
                    System.out.println(line(rows.get(rows.size() - 1)));
                }
            }
        }
        Benchmarks.write(folder, "bench_optimizers_peer", csv(rows), markdown(rows, withPeer));
    }

    private static PythonPeer start() throws IOException {
        int threads = Benchmarks.threads();
        var peer = PythonPeer.start("optimizers.py", threads, Integer.toString(threads));
        peer.answer();
        return peer;
    }

    private static Row measure(String method, int rank, PythonPeer peer) throws IOException {
        try (var manager = NDManager.newBaseManager();
                var optimizer = Optimizers.create(method)) {
            var pairs = RandomPairs.of(manager, ModelShape.MINILM_L6, rank);
            var asked = question(method, rank, pairs.stacks());
            var ours = new ArrayList<Double>();
            var theirs = new ArrayList<Double>();
            long begun = System.nanoTime();
            for (int turn = 0; ours.size() < TURNS; turn++) {
                boolean warm =
                        turn >= WARM_UP && System.nanoTime() - begun >= 1e9 * WARM_UP_SECONDS;
                double own = turn(optimizer, pairs);
                double other = peer == null ? Double.NaN : turn(peer, asked);
                if (warm) {
                    ours.add(own);
                    theirs.add(other);
                }
            }
            var seconds = TakingTurns.array(ours);
            var others = TakingTurns.array(theirs);
            return new Row(
                    method,
                    rank,
                    TakingTurns.median(seconds),
                    TakingTurns.median(others),
                    TakingTurns.ratio(seconds, others));
        }
    }

    /** Seconds of a step: an alternating method moves A in one and B in the next. */
    private static double turn(PairOptimizer optimizer, RandomPairs pairs) {
        var rounds = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            optimizer.step(pairs.stacks(), pairs.raw(), 1e-9);
            optimizer.step(pairs.stacks(), pairs.raw(), 1e-9);
            rounds[i] = (System.nanoTime() - start) / 2e9;
        }
        return TakingTurns.median(rounds);
    }

    private static double turn(PythonPeer peer, Map<String, ?> asked) throws IOException {
        var rounds = new ArrayList<Double>();
        peer.ask(asked).get("seconds").forEach(s -> rounds.add(s.asDouble()));
        return TakingTurns.median(rounds);
    }

    private static Map<String, ?> question(String method, int rank, List<PairStack> stacks) {
        var shapes =
                stacks.stream()
                        .map(s -> List.of(s.size(), s.loraB().size(1), s.loraA().size(2)))
                        .toList();
        return Map.of(
                "optimizer",
                method,
                "rank",
                rank,
                "scaling",
                stacks.get(0).scaling(),
                "shapes",
                shapes,
                "rounds",
                ROUNDS);
    }

    private static String line(Row r) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %s | %s |",
                r.method(),
                r.rank(),
                1e3 * r.seconds(),
                Double.isNaN(r.peer()) ? "-" : String.format(Locale.ROOT, "%.2f", 1e3 * r.peer()),
                Double.isNaN(r.ratio()) ? "-" : String.format(Locale.ROOT, "%.2f", r.ratio()));
    }

    private static String markdown(List<Row> rows, boolean withPeer) {
        var text = new StringBuilder();
        text.append(
                """
                One optimizer step over MiniLM's 36 pairs, float32, milliseconds of the clock, medians of %d turns
                after %d others or %.0f seconds, whichever is longer.

                %s%s.

                | optimizer | r | ms | peer, ms | ratio |
                | :-- | --: | --: | --: | --: |
                """
                        .formatted(
                                TURNS,
                                WARM_UP,
                                WARM_UP_SECONDS,
                                Benchmarks.made("optimizers_peer" + (withPeer ? " --peer" : "")),
                                withPeer ? "; the peer is PyTorch on stacks, in turns" : ""));
        rows.forEach(r -> text.append(line(r)).append('\n'));
        return text.toString();
    }

    private static String csv(List<Row> rows) {
        var text = new StringBuilder("optimizer,rank,seconds,peer_seconds,ratio\n");
        for (var r : rows) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%d,%.6f,%.6f,%.3f%n",
                            r.method(),
                            r.rank(),
                            r.seconds(),
                            r.peer(),
                            r.ratio()));
        }
        return text.toString();
    }
}
