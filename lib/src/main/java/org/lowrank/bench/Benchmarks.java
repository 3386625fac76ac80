package org.lowrank.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.Trained;
import org.lowrank.train.TrainingConfig;
import org.lowrank.train.TrainingListener;
import org.lowrank.train.TrainingLoop;

/** What the {@code main} methods of the benchmarks have in common. */
final class Benchmarks {

    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private Benchmarks() {}

    /**
     * The folder to write to, the only argument.
     *
     * @throws IllegalArgumentException if it is not given, or not alone
     */
    static Path folder(String[] args) {
        if (args.length != 1) {
            throw new IllegalArgumentException(
                    "a benchmark is given one argument, the folder that its tables are written to,"
                            + " not "
                            + args.length);
        }
        return Path.of(args[0]);
    }

    /** PyTorch on one thread, if the engine has not started and nobody said otherwise. */
    static void useOneThread() {
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, "1");
        }
    }

    static String machine() {
        return "Java %s, %s, threads: %s"
                .formatted(
                        System.getProperty("java.version"),
                        System.getProperty("os.arch"),
                        threads());
    }

    static int threads() {
        return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
    }

    /** Writes {@code NAME.csv} and {@code NAME.md}, and shows the latter. */
    static void write(Path folder, String name, String csv, String markdown) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".csv"), csv);
        Files.writeString(folder.resolve(name + ".md"), markdown);
        System.out.println(markdown);
    }

    /** Says what made a table, and on what. */
    static String made(String benchmark) {
        return "Made by `environment/lowrank bench %s` on %s".formatted(benchmark, machine());
    }

    /**
     * Trains an encoder with a new head on random sentences: LoRA of rank 8 on every linear map,
     * AdamW.
     *
     * @param listener what is told of the steps of the model
     */
    static void train(
            String encoder,
            int batch,
            int length,
            int steps,
            Function<SentenceClassifier, TrainingListener> listener)
            throws IOException {
        try (var manager = NDManager.newBaseManager();
                var opened = PretrainedModel.open(encoder);
                var body = opened.load(TextEncoder.class, LoadOptions.PLAIN, manager);
                var model = SentenceClassifier.on(body, opened.pooling(), 2, 0.1, 1);
                var adapters = AdapterSet.inject(model, LoraConfig.ofRank(8), 1);
                var pairAdam = Optimizers.create("adamw");
                var headAdam = new ParameterAdamW(0)) {
            new TrainingLoop(
                            new Trained(
                                    model, adapters, pairAdam, model.headParameters(), headAdam),
                            new RandomSentences(model, batch, length, 1),
                            Map::of,
                            TrainingConfig.of(steps, 1e-4),
                            1,
                            List.of(listener.apply(model)))
                    .run();
        }
    }
}
