package org.lowrank.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.lowrank.model.generate.Generation;
import org.lowrank.model.generate.Generator;
import org.lowrank.model.generate.Written;

/**
 * How many tokens SmolLM2 writes in a second: the most probable one each time, for one prompt and
 * for {@value #PROMPTS} together, the reading of the prompts counted. With a peer, transformers
 * writes the same after each of our turns, on as many threads; medians are compared, and texts.
 *
 * <pre>LOWRANK_PEER_PYTHON=VENV/bin/python environment/lowrank bench generate --peer</pre>
 *
 * writes {@code bench_generate.csv} and {@code .md}.
 */
public final class GenerationBenchmark {

    private static final int PROMPTS = 32;
    private static final int NEW_TOKENS = 64;
    private static final int ROUNDS = 3;

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private static final List<String> NAMES = List.of("Ada", "Ben", "Chen", "Dora");
    private static final List<String> THINGS = List.of("apples", "red marbles", "sheets of paper");

    /** Of one turn: by the clock, and of all threads of the process. */
    record Seconds(double wall, double processor) {}

    /**
     * Medians.
     *
     * @param peer NaN without one
     * @param same texts that are the peer's, token by token
     */
    record Result(int prompts, Seconds ours, Seconds peer, int same) {

        double tokensPerSecond() {
            return prompts * NEW_TOKENS / ours.wall();
        }

        /** Our tokens a second over the peer's. */
        double ratio() {
            return peer.wall() / ours.wall();
        }

        /** The same for a second of processor time, which other processes disturb less. */
        double processorRatio() {
            return peer.processor() / ours.processor();
        }
    }

    private GenerationBenchmark() {}

    /**
     * @param args the folder to write to, and perhaps {@code --peer}
     */
    public static void main(String[] args) throws IOException {
        var arguments = new ArrayList<>(List.of(args));
        boolean withPeer = arguments.remove("--peer");
        var folder = Benchmarks.folder(arguments.toArray(String[]::new));
        var results = new ArrayList<Result>();
        try (var both = new PeerModel(withPeer);
                var peer = both.start("generation.py")) {
            var prompts = problems().stream().map(both.tokenizer()::encode).toList();
            var generator = new Generator(both.model(), Set.of());
            for (int count : List.of(1, PROMPTS)) {
                results.add(measure(generator, prompts.subList(0, count), peer));
                System.out.println(text(results.get(results.size() - 1)));
            }
        }
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("bench_generate.csv"), csv(results));
        Files.writeString(folder.resolve("bench_generate.md"), markdown(results, withPeer));
    }

    /** Small problems of several lengths. */
    private static List<String> problems() {
        var problems = new ArrayList<String>();
        for (int i = 0; i < PROMPTS; i++) {
            var name = NAMES.get(i % NAMES.size());
            var thing = THINGS.get(i % THINGS.size());
            problems.add(
                    "Question: %s has %d %s%s. %s gets %d more. How many %s does %s have now? Answer:"
                            .formatted(
                                    name,
                                    3 + i,
                                    thing,
                                    " and gives one to a friend".repeat(i % 3),
                                    name,
                                    40 - i,
                                    thing,
                                    name));
        }
        return problems;
    }

    /** The first turn of both warms up. */
    private static Result measure(Generator generator, List<int[]> prompts, PythonPeer peer)
            throws IOException {
        var ours = new ArrayList<Seconds>();
        var theirs = new ArrayList<Seconds>();
        int same = 0;
        for (int round = -1; round < ROUNDS; round++) {
            long used = PROCESS.getProcessCpuTime();
            var written = generator.write(prompts, Generation.greedy(NEW_TOKENS));
            var own = new Seconds(written.seconds(), 1e-9 * (PROCESS.getProcessCpuTime() - used));
            var their = new Seconds(Double.NaN, Double.NaN);
            if (peer != null) {
                var answer = peer.ask(Map.of("prompts", prompts, "new_tokens", NEW_TOKENS));
                their =
                        new Seconds(
                                answer.get("seconds").asDouble(),
                                answer.get("processor").asDouble());
                same = same(written, answer.get("ids"));
            }
            if (round >= 0) {
                ours.add(own);
                theirs.add(their);
            }
        }
        return new Result(prompts.size(), median(ours), median(theirs), same);
    }

    private static Seconds median(List<Seconds> turns) {
        return new Seconds(
                TakingTurns.median(turns.stream().mapToDouble(Seconds::wall).toArray()),
                TakingTurns.median(turns.stream().mapToDouble(Seconds::processor).toArray()));
    }

    private static int same(Written written, Iterable<? extends Iterable<?>> ids) {
        int same = 0;
        int row = 0;
        for (var text : ids) {
            var theirs = new ArrayList<String>();
            text.forEach(id -> theirs.add(id.toString()));
            var ours = written.texts().get(row++).ids().stream().map(String::valueOf).toList();
            same += ours.equals(theirs) ? 1 : 0;
        }
        return same;
    }

    private static String text(Result r) {
        var alone =
                String.format(
                        Locale.ROOT,
                        "%d x %d tokens: %.2f s (%.2f s of processors), %.0f tokens/s",
                        r.prompts(),
                        NEW_TOKENS,
                        r.ours().wall(),
                        r.ours().processor(),
                        r.tokensPerSecond());
        return Double.isNaN(r.ratio())
                ? alone
                : String.format(
                        Locale.ROOT,
                        "%s; peer %.2f s (%.2f s), %.2f (%.2f) times its tokens/s, same texts %d",
                        alone,
                        r.peer().wall(),
                        r.peer().processor(),
                        r.ratio(),
                        r.processorRatio(),
                        r.same());
    }

    private static String markdown(List<Result> results, boolean withPeer) {
        var text =
                new StringBuilder(
                        "%s writes %d tokens a text, the most probable one each time; medians of %d.\n\nMade by `environment/lowrank bench generate%s` on %s%s.\n\n"
                                        .formatted(
                                                PeerModel.NAME,
                                                NEW_TOKENS,
                                                ROUNDS,
                                                withPeer ? " --peer" : "",
                                                Benchmarks.machine(),
                                                withPeer
                                                        ? "; the peer is transformers, in turns"
                                                        : "")
                                + "| texts | s | tokens/s | processor s | peer, s | processor s | times its tokens/s | by processor s | same texts |\n"
                                + "| --: | --: | --: | --: | --: | --: | --: | --: | --: |\n");
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "| %d | %.2f | %.0f | %.2f | %s | %s | %s | %s | %s |%n",
                            r.prompts(),
                            r.ours().wall(),
                            r.tokensPerSecond(),
                            r.ours().processor(),
                            shown(r.peer().wall()),
                            shown(r.peer().processor()),
                            shown(r.ratio()),
                            shown(r.processorRatio()),
                            withPeer ? String.valueOf(r.same()) : "-"));
        }
        return text.toString();
    }

    private static String shown(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String csv(List<Result> results) {
        var text =
                new StringBuilder(
                        "texts,new_tokens,seconds,processor_seconds,peer_seconds,peer_processor_seconds,same\n");
        for (var r : results) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%d,%d,%.4f,%.4f,%.4f,%.4f,%d%n",
                            r.prompts(),
                            NEW_TOKENS,
                            r.ours().wall(),
                            r.ours().processor(),
                            r.peer().wall(),
                            r.peer().processor(),
                            r.same()));
        }
        return text.toString();
    }
}
