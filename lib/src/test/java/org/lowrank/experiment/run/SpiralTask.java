package org.lowrank.experiment.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.config.Extension;
import org.lowrank.config.Problems;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Slot;
import org.lowrank.task.OpenTask;
import org.lowrank.task.Part;
import org.lowrank.task.Task;
import org.lowrank.task.TaskConfig;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.train.GraphObjective;
import org.lowrank.train.SpiralObjective;

/**
 * A small real task for tests of the engine: the arms of a spiral by a small network. The model
 * {@code slow-mlp} takes some milliseconds more a step, {@code slow-scores} for its scores too;
 * {@code crash} ends its process. {@code overflows} trains well and has no finite output on the
 * test split. The processes of the model {@code told} take one line each from the file of the
 * system property {@code spiral.endings}, while it has one: {@code 137} ends with this code at
 * once, {@code late 137} after the run.
 */
public record SpiralTask(int rows) implements Task {

    private static final List<String> MODELS =
            List.of("mlp", "slow-mlp", "slow-scores", "crash", "refuses", "told", "overflows");

    /** A jar of its own that brings the two sizes. */
    public static final class Jar implements Extension {
        @Override
        public void register() {
            Tasks.register("spiral/small", "three arms of a spiral", new SpiralTask(300));
            Tasks.register("spiral/large", "three arms of a spiral", new SpiralTask(600));
        }
    }

    @Override
    public List<String> metrics() {
        return List.of("accuracy");
    }

    @Override
    public void check(TaskConfig config, Problems problems) {}

    @Override
    public void checkModel(String model, Problems problems) {
        problems.oneOf("model", model, MODELS);
    }

    @Override
    public OpenTask<Integer> open(TaskConfig config, TaskContext context) {
        if (context.model().equals("crash")) {
            Runtime.getRuntime().halt(137);
        }
        if (context.model().equals("told")) {
            endAsTold(Path.of(System.getProperty("spiral.endings")));
        }
        if (context.model().equals("refuses")) {
            throw new IllegalStateException("this model always refuses");
        }
        return new Open(context, rows);
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

    /** The small network with its last map as the head. */
    private record Net(TinyMlp mlp, NDManager manager) implements Network {

        private static final String HEAD = "block.1.second";

        @Override
        public Map<String, AdaptableLinear> linears() {
            var linears = new LinkedHashMap<>(mlp.linears());
            linears.remove(HEAD);
            return linears;
        }

        @Override
        public Map<String, NDArray> parameters() {
            return mlp.parameters();
        }

        Map<String, NDArray> head() {
            var head = new LinkedHashMap<>(parameters());
            head.keySet().removeIf(name -> !name.startsWith(HEAD));
            return head;
        }

        @Override
        public Map<String, Slot> slots() {
            return Map.of();
        }

        @Override
        public void train(boolean all) {
            parameters().values().forEach(array -> array.setRequiresGradient(all));
        }

        @Override
        public void close() {
            mlp.close();
        }
    }

    private static final class Open implements OpenTask<Integer>, GraphObjective {
        private final Net network;
        private final SpiralObjective train;
        private final SpiralObjective validation;
        private final SpiralObjective test;
        private final long pause;
        private final long scoring;
        private final boolean overflows;

        Open(TaskContext context, int rows) {
            overflows = context.model().equals("overflows");
            pause = context.model().startsWith("slow") ? 5 : 0;
            scoring = context.model().equals("slow-scores") ? 50 : 0;
            var manager = context.owner();
            network = new Net(new TinyMlp(manager, 2, 5, 24, 3, context.seed()), manager);
            train = objective(rows, context.batchSize(), 5);
            train.reseed(context.seed());
            validation = objective(120, 120, 6);
            test = objective(120, 120, 7);
        }

        private SpiralObjective objective(int rows, int batch, long seed) {
            return new SpiralObjective(network.mlp(), network.manager(), rows, batch, seed);
        }

        @Override
        public int batchesPerEpoch() {
            return train.batchesPerEpoch();
        }

        @Override
        public BatchLoss loss(NDManager step, long epoch, int index, double share) {
            rest(pause);
            return train.loss(step, epoch, index, share);
        }

        private static void rest(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public GraphObjective objective() {
            return this;
        }

        @Override
        public Net network() {
            return network;
        }

        @Override
        public Map<String, NDArray> head() {
            return network.head();
        }

        private SpiralObjective of(Part part) {
            return switch (part) {
                case TRAIN -> train;
                case VALIDATION -> validation;
                case TEST -> test;
            };
        }

        @Override
        public List<Integer> predict(Part part) {
            rest(scoring);
            if (part == Part.TEST && overflows) {
                throw new DivergedException("the model's output is NaN");
            }
            return of(part).predicted();
        }

        @Override
        public Map<String, Double> score(Part part, List<Integer> said) {
            return Map.of("accuracy", ClassMetric.ACCURACY.of(said, of(part).labels()));
        }

        @Override
        public List<Integer> trivial(Part part) {
            return Collections.nCopies(of(part).labels().size(), 0);
        }

        @Override
        public Map<String, Long> counts(List<Integer> said) {
            var counts = new TreeMap<>(Map.of("0", 0L, "1", 0L, "2", 0L));
            said.forEach(c -> counts.merge(c.toString(), 1L, Long::sum));
            return counts;
        }

        @Override
        public Map<String, Object> facts() {
            return Map.of("name", "spiral");
        }

        @Override
        public Map<String, Object> model() {
            return Map.of("name", "tiny");
        }

        @Override
        public void close() {
            network.close();
        }
    }
}
