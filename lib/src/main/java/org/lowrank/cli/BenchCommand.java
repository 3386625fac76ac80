package org.lowrank.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.lowrank.bench.DecoderStepBenchmark;
import org.lowrank.bench.EncoderStepBenchmark;
import org.lowrank.bench.EngineBenchmark;
import org.lowrank.bench.EpochBenchmark;
import org.lowrank.bench.GenerationBenchmark;
import org.lowrank.bench.GuardBenchmark;
import org.lowrank.bench.OptimizerBenchmark;
import org.lowrank.bench.OptimizerPeerBenchmark;
import org.lowrank.bench.OptimizerShareBenchmark;
import org.lowrank.bench.PrecisionBenchmark;
import org.lowrank.bench.SylvesterBenchmark;
import org.lowrank.experiment.run.OnShutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Every benchmark in a process of its own: how many threads PyTorch has is settled once. */
@Command(
        name = "bench",
        description =
                "Measures optimizers, Sylvester solvers, training steps, an epoch and the engine; writes tables.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

    enum Benchmark {
        share(OptimizerShareBenchmark.class),
        encoder(EncoderStepBenchmark.class, true),
        decoder(DecoderStepBenchmark.class, true),
        generate(GenerationBenchmark.class, true),
        precision(PrecisionBenchmark.class),
        sylvester(SylvesterBenchmark.class),
        optimizers(OptimizerBenchmark.class),
        optimizers_peer(OptimizerPeerBenchmark.class, true),
        engine(EngineBenchmark.class),
        guard(GuardBenchmark.class),
        epoch(EpochBenchmark.class); // last: it needs a data set that is fetched

        private final Class<?> main;
        private final boolean hasPeer;

        Benchmark(Class<?> main) {
            this(main, false);
        }

        Benchmark(Class<?> main, boolean hasPeer) {
            this.main = main;
            this.hasPeer = hasPeer;
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "Which: ${COMPLETION-CANDIDATES}; all of them if none is named.")
    private List<Benchmark> named = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "figures",
            description = "Where bench_NAME.csv and .md are written (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--peer",
            description =
                    "encoder, decoder, generate, optimizers_peer: in turns with transformers, PEFT and PyTorch,"
                            + " in the Python that LOWRANK_PEER_PYTHON names.")
    private boolean peer;

    @Override
    public Integer call() throws Exception {
        for (var benchmark : named.isEmpty() ? Arrays.asList(Benchmark.values()) : named) {
            int status = run(benchmark);
            if (status != 0) {
                System.err.println("benchmark " + benchmark + " ended with status " + status);
                return status;
            }
        }
        return 0;
    }

    private int run(Benchmark benchmark) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(archive());
        command.add("-Dai.djl.offline=" + System.getProperty("ai.djl.offline", "true"));
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(benchmark.main.getName(), out.toString()));
        if (peer && benchmark.hasPeer) {
            command.add("--peer");
        }
        var process = new ProcessBuilder(command).inheritIO().start();
        return OnShutdown.during(process::waitFor, process::destroy, PATIENCE);
    }

    /** The archive of classes that this process was started from, so that the other starts so. */
    private static List<String> archive() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(o -> o.startsWith("-XX:SharedArchiveFile=") || o.startsWith("-Xlog:"))
                .toList();
    }
}
