package org.lowrank.experiment.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.config.Problems;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.linalg.DivergedException;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.PairOptimizer;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.GraphObjective;
import org.lowrank.train.Objective;
import org.lowrank.train.SpiralObjective;
import org.lowrank.train.Trained;

/**
 * A small real family of tasks for tests of the engine: the arms of a spiral by a small network.
 * The model {@code slow-mlp} takes some milliseconds more a step; {@code crash} ends its process.
 * {@code overflows} trains well and has no finite output on the test split. The processes of the
 * model {@code told} take one line each from the file of the system property {@code
 * spiral.endings}, while it has one: {@code 137} ends with this code at once, {@code late 137}
 * after the run.
 */
public final class SpiralWorkload implements Workload {

    private static final List<String> MODELS =
            List.of("mlp", "slow-mlp", "crash", "refuses", "told", "overflows");

    @Override
    public Collection<String> tasks() {
        return List.of("spiral/small", "spiral/large");
    }

    @Override
    public String metric(String task) {
        return "accuracy";
    }

    @Override
    public void check(RunConfig config, Problems problems) {
        problems.oneOf("model", config.model(), MODELS);
        problems.oneOf(
                "optimizer.name",
                config.optimizer().name(),
                List.of("adamw", "lora_pro", "altlora"));
    }

    @Override
    public RunConfig complete(RunConfig config) {
        return config;
    }

    @Override
    public Prepared prepare(RunConfig config) {
        if (config.model().equals("crash")) {
            Runtime.getRuntime().halt(137);
        }
        if (config.model().equals("told")) {
            endAsTold(Path.of(System.getProperty("spiral.endings")));
        }
        if (config.model().equals("refuses")) {
            throw new IllegalStateException("this model always refuses");
        }
        return new Run(config);
    }

    private static void endAsTold(Path file) {
        try {
            var endings = Files.readAllLines(file);
            if (endings.isEmpty()) {
                return;
            }
            Files.write(file, endings.subList(1, endings.size()));
            var ending = endings.get(0);
            if (!ending.startsWith("late ")) {
                Runtime.getRuntime().halt(Integer.parseInt(ending));
            }
            int code = Integer.parseInt(ending.substring("late ".length()));
            var hook = new Thread(() -> Runtime.getRuntime().halt(code));
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Run implements Prepared {
        private final NDManager manager = NDManager.newBaseManager();
        private final TinyMlp model;
        private final SpiralObjective train;
        private final SpiralObjective validation;
        private final SpiralObjective test;
        private final Trained trained;
        private final long pause;
        private final boolean overflows;

        Run(RunConfig config) {
            int rows = config.task().name().equals("spiral/small") ? 300 : 600;
            int width = config.adapter().layer().equals("lora") ? 24 : 16;
            overflows = config.model().equals("overflows");
            pause = config.model().equals("slow-mlp") ? 5 : 0;
            model = new TinyMlp(manager, 2, 5, width, 3, config.seed());
            train = objective(rows, config.training().batchSize(), 5);
            train.reseed(config.seed());
            validation = objective(120, 120, 6);
            test = objective(120, 120, 7);
            trained = trained(config);
        }

        private SpiralObjective objective(int rows, int batch, long seed) {
            return new SpiralObjective(model, manager, rows, batch, seed);
        }

        private Trained trained(RunConfig config) {
            var adapter = config.adapter();
            if (!adapter.hasPairs()) {
                var others = new LinkedHashMap<String, NDArray>(model.parameters());
                if (adapter.layer().equals(LoraConfig.NONE)) {
                    others.keySet().removeIf(name -> !name.startsWith("block.1.second"));
                }
                return new Trained(model, null, null, others, new ParameterAdamW(0));
            }
            var lora =
                    LoraConfig.ofRank(Math.min(3, adapter.rank()))
                            .withLoraAlpha(adapter.loraAlpha())
                            .withLoraDropout(adapter.loraDropout());
            var head = model.parameters().get("block.1.second.bias");
            return new Trained(
                    model,
                    AdapterSet.inject(model, lora, config.seed()),
                    optimizer(config.optimizer().name()),
                    Map.of("block.1.second.bias", head),
                    new ParameterAdamW(0));
        }

        private static PairOptimizer optimizer(String name) {
            return switch (name) {
                case "lora_pro" -> Optimizers.create("lora_pro");
                case "altlora" -> Optimizers.create("altlora");
                default -> Optimizers.create("adamw");
            };
        }

        @Override
        public Trained trained() {
            return trained;
        }

        @Override
        public Objective objective() {
            return new GraphObjective() {
                @Override
                public int batchesPerEpoch() {
                    return train.batchesPerEpoch();
                }

                @Override
                public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
                    try {
                        Thread.sleep(pause);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return train.loss(step, epoch, index, weight);
                }
            };
        }

        @Override
        public RunRecord.SplitScore score(Split split) {
            if (split == Split.test && overflows) {
                throw new DivergedException("the model's output is NaN");
            }
            var metrics = (split == Split.test ? test : validation).evaluate();
            // the arms are equally full
            return new RunRecord.SplitScore(
                    new TreeMap<>(metrics),
                    Map.of("accuracy", 1 / 3.0),
                    Map.of("0", 40L, "1", 40L, "2", 40L));
        }

        @Override
        public long totalParameters() {
            return model.parameters().values().stream().mapToLong(NDArray::size).sum();
        }

        @Override
        public Map<String, Object> data() {
            return Map.of("name", "spiral");
        }

        @Override
        public Map<String, Object> model() {
            return Map.of("name", "tiny");
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
