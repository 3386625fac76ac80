package org.lowrank.experiment.run;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.BaseGradients;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.adapter.peft.PeftAdapter;
import org.lowrank.adapter.peft.PeftOptions;
import org.lowrank.engine.Checksums;
import org.lowrank.engine.Devices;
import org.lowrank.engine.Precision;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.task.OpenTask;
import org.lowrank.task.Part;
import org.lowrank.task.TaskContext;
import org.lowrank.task.Tasks;
import org.lowrank.train.GraphObjective;
import org.lowrank.train.Objective;
import org.lowrank.train.StepPlan;
import org.lowrank.train.Trained;

/** Model, data, adapters and optimizers of one run of any task, ready to be trained. */
final class PreparedRun implements AutoCloseable {

    private final RunConfig config;
    private final NDManager manager;
    private final OpenTask<?> task;
    private final String baseSha256;
    private final Map<Part, Map<String, Double>> trivial = new EnumMap<>(Part.class);
    private final AdapterSet adapters;
    private final Trained trained;

    private PreparedRun(RunConfig config, NDManager manager, OpenTask<?> task, Path runs)
            throws IOException {
        this.config = config;
        this.manager = manager;
        this.task = task;
        requirePrecision();
        baseSha256 = Checksums.of(base());
        var known = new TrivialScores(runs, config, baseSha256);
        trivial.put(Part.VALIDATION, known.of(Part.VALIDATION, () -> trivial(Part.VALIDATION)));
        if (config.phase() == RunConfig.Phase.evaluation) {
            trivial.put(Part.TEST, known.of(Part.TEST, () -> trivial(Part.TEST)));
        }
        adapters = config.adapter().hasPairs() ? inject() : null;
        trained = moved();
    }

    /**
     * Puts a run together. Bit-equal for equal configurations.
     *
     * @param runs the folder of runs, which keeps what is the same for many
     * @throws IOException if weights or data cannot be had; the message says which and how to get
     *     them
     */
    static PreparedRun of(RunConfig config, Path runs) throws IOException {
        var manager = NDManager.newBaseManager(Devices.ofThisProcess());
        try {
            var training = config.training();
            var context =
                    new TaskContext(
                            config.model(),
                            LoadOptions.PLAIN
                                    .withPrecision(config.precision())
                                    .withDropout(training.modelDropout()),
                            training.batchSize(),
                            config.seed(),
                            manager);
            var task = Tasks.of(config.task()).open(config.task(), context);
            return new PreparedRun(config, manager, task, runs);
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** A task of a session may load its model as it likes, and some have nothing to hold so. */
    private void requirePrecision() {
        boolean asked =
                config.precision() == Precision.bfloat16 || config.precision() == Precision.float16;
        var linears = task.network().linears().values();
        if (asked && linears.stream().noneMatch(linear -> linear.weight().isFixed())) {
            throw new IllegalArgumentException(
                    "precision is %s, and no weight of this model is held so: linear maps and tables of words are, convolutions are not. Leave it out"
                            .formatted(config.precision()));
        }
    }

    /** The values that the model came with. */
    private Map<String, NDArray> base() {
        var base = new LinkedHashMap<>(task.network().parameters());
        base.keySet().removeAll(task.head().keySet());
        return base;
    }

    private AdapterSet inject() {
        int steps = StepPlan.of(config.training(), objective().batchesPerEpoch()).steps();
        try (var context = new StartContext(config.seed(), steps, this::gradients)) {
            return AdapterSet.inject(task.network(), config.adapter(), context);
        }
    }

    /** The base weights' gradient on the first batches of the run's own order. */
    private BaseGradients gradients(int batches) {
        if (!(objective() instanceof GraphObjective graph)) {
            throw new IllegalArgumentException(
                    ("adapter.initialization %s starts from gradients of the base, and the"
                                    + " objective of %s has no graph to take them from")
                            .formatted(config.adapter().initialization(), config.task().name()));
        }
        Engine.getInstance().setRandomSeed(Long.hashCode(config.seed()));
        return BaseGradients.estimate(
                task.network(),
                batches,
                (step, batch) -> graph.loss(step, 0, batch % graph.batchesPerEpoch(), 1).loss());
    }

    private Trained moved() {
        var network = task.network();
        if (config.adapter().layer().equals(LoraConfig.FULL)) {
            network.train(true);
            var moved = new LinkedHashMap<>(network.parameters());
            // what a pre-training met or masked (running means, a mask's token) is not trained
            moved.values().removeIf(array -> !array.hasGradient());
            return new Trained(network, null, null, moved, new ParameterAdamW(0));
        }
        var optimizer = adapters == null ? null : Optimizers.create(config.optimizer());
        var whole = new LinkedHashMap<>(task.head());
        if (adapters != null) {
            var arrays = new LinkedHashMap<>(adapters.modulesToSave());
            arrays.values().removeIf(array -> whole.values().stream().anyMatch(h -> h == array));
            whole.putAll(arrays);
        }
        return adapters == null && whole.isEmpty()
                ? null
                : Trained.of(network, adapters, optimizer, whole);
    }

    /**
     * What moves, and by what; in its first state. Null where nothing does: a frozen model without
     * a head is measured as it came.
     */
    Trained trained() {
        return trained;
    }

    Objective objective() {
        return task.objective();
    }

    RunRecord.SplitScore score(Part part) {
        return score(task, part);
    }

    private <P> RunRecord.SplitScore score(OpenTask<P> open, Part part) {
        var said = open.predict(part);
        return new RunRecord.SplitScore(
                open.score(part, said), trivial.get(part), open.counts(said));
    }

    private Map<String, Double> trivial(Part part) {
        return trivial(task, part);
    }

    private static <P> Map<String, Double> trivial(OpenTask<P> task, Part part) {
        var said = task.trivial(part);
        return said.isEmpty() ? Map.of() : task.score(part, said);
    }

    /**
     * Writes what was trained beside the frozen base.
     *
     * @throws IllegalArgumentException if there is no adapter
     */
    void saveAdapter(Path folder) throws IOException {
        if (adapters == null) {
            throw new IllegalArgumentException(
                    "a run of layer " + config.adapter().layer() + " has no adapter to save");
        }
        var heads =
                task.head().keySet().stream()
                        .map(name -> name.substring(0, name.lastIndexOf('.')))
                        .distinct()
                        .toArray(String[]::new);
        var options =
                PeftOptions.NONE
                        .withBaseModel(config.model(), task.peftType().orElse(null))
                        .withModulesToSave(heads);
        PeftAdapter.save(folder, adapters, options);
    }

    /** All values of the model, trained or not. */
    long totalParameters() {
        long all = adapters == null ? 0 : adapters.trainableCount();
        return all + task.network().parameterCount();
    }

    /** For the record: names, checksums, rows and classes of the data. */
    Map<String, Object> data() {
        return task.facts();
    }

    /** For the record: name and checksum of the weights. */
    Map<String, Object> model() {
        var facts = new LinkedHashMap<>(task.model());
        facts.put("encoder_values_sha256", baseSha256);
        return facts;
    }

    @Override
    public void close() {
        if (trained != null && trained.pairOptimizer() != null) {
            trained.pairOptimizer().close();
        }
        if (trained != null && trained.otherOptimizer() != null) {
            trained.otherOptimizer().close();
        }
        if (adapters != null) {
            adapters.close();
        }
        task.close();
        manager.close();
    }
}
