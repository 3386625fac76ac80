package org.lowrank.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.lowrank.bench.EncoderStepBenchmark;
import org.lowrank.bench.OptimizerBenchmark;
import org.lowrank.bench.OptimizerShareBenchmark;
import org.lowrank.bench.SylvesterBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Every benchmark in a process of its own: how many threads PyTorch has is settled once. */
@Command(
        name = "bench",
        description = "Measures optimizers, Sylvester solvers and training steps; writes tables.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

    enum Benchmark {
        share(OptimizerShareBenchmark.class),
        encoder(EncoderStepBenchmark.class),
        sylvester(SylvesterBenchmark.class),
        optimizers(OptimizerBenchmark.class);

        private final Class<?> main;

        Benchmark(Class<?> main) {
            this.main = main;
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
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                java,
                                "-Dai.djl.offline=" + System.getProperty("ai.djl.offline", "true"),
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                benchmark.main.getName(),
                                out.toString())
                        .inheritIO()
                        .start();
        return OnShutdown.during(process::waitFor, process::destroy, PATIENCE);
    }
}
