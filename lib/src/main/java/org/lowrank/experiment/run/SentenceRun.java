package org.lowrank.experiment.run;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.lowrank.adapter.AdapterSet;
import org.lowrank.adapter.BaseGradients;
import org.lowrank.adapter.LoraConfig;
import org.lowrank.adapter.StartContext;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.engine.Checksums;
import org.lowrank.experiment.record.RunRecord;
import org.lowrank.experiment.spec.RunConfig;
import org.lowrank.model.LoadOptions;
import org.lowrank.model.PretrainedModel;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.optim.Optimizers;
import org.lowrank.optim.ParameterAdamW;
import org.lowrank.train.Objective;
import org.lowrank.train.StepPlan;
import org.lowrank.train.Trained;

/** An encoder with a new head on a task over sentences. */
final class SentenceRun implements Prepared {

    private final RunConfig config;
    private final String modelSource;
    private final TaskData data;
    private final NDManager manager;
    private final SentenceClassifier model;
    private final SentenceTask task;
    private final String weightsSha256;
    private final AdapterSet adapters;
    private final Trained trained;
    private final Map<Split, Supplier<double[]>> predictors = new LinkedHashMap<>();

    private SentenceRun(
            RunConfig config,
            String modelSource,
            TaskData data,
            NDManager manager,
            SentenceClassifier model,
            SentenceTask task) {
        this.config = config;
        this.modelSource = modelSource;
        this.data = data;
        this.manager = manager;
        this.model = model;
        this.task = task;
        weightsSha256 = Checksums.of(model.encoder().parameters());
        adapters = config.adapter().hasPairs() ? inject() : null;
        trained = moved();
    }

    static SentenceRun of(RunConfig config) throws IOException {
        var data = SentenceTasks.load(config.task());
        var manager = NDManager.newBaseManager();
        try (var opened = PretrainedModel.open(config.model())) {
            var options = LoadOptions.PLAIN.withDropout(config.training().modelDropout());
            int labels = Math.max(1, data.labelNames().size());
            var model = opened.classifier(labels, options, config.seed(), manager);
            var shape =
                    new SentenceTask.Shape(
                            config.training().batchSize(),
                            config.task().maxLength(),
                            opened.prefix());
            var task = new SentenceTask(model, opened.tokenizer(), data, shape, config.seed());
            return new SentenceRun(config, opened.source(), data, manager, model, task);
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private AdapterSet inject() {
        int steps = StepPlan.of(config.training(), task.batchesPerEpoch()).steps();
        try (var context = new StartContext(config.seed(), steps, this::gradients)) {
            return AdapterSet.inject(model, config.adapter(), context);
        }
    }

    /** The base weights' gradient on the first batches of the run's own order. */
    private BaseGradients gradients(int batches) {
        Engine.getInstance().setRandomSeed(Long.hashCode(config.seed()));
        return BaseGradients.estimate(
                model,
                batches,
                (step, batch) -> task.loss(step, 0, batch % task.batchesPerEpoch(), 1).loss());
    }

    @Override
    public Trained trained() {
        return trained;
    }

    private Trained moved() {
        var head = new ParameterAdamW(0);
        if (config.adapter().layer().equals(LoraConfig.FULL)) {
            model.train(true);
            return new Trained(model, null, null, model.parameters(), head);
        }
        var optimizer = adapters == null ? null : Optimizers.create(config.optimizer());
        return new Trained(model, adapters, optimizer, model.headParameters(), head);
    }

    @Override
    public Objective objective() {
        return task;
    }

    @Override
    public RunRecord.SplitScore score(Split which) {
        var split = which == Split.test ? data.test() : data.validation();
        var predicted = predictors.computeIfAbsent(which, w -> task.predictor(split)).get();
        return new RunRecord.SplitScore(
                SentenceTask.scores(split, predicted), majority(split), counts(split, predicted));
    }

    /** The scores of one who always says the most frequent class of the training rows. */
    private Map<String, Double> majority(LabelledTexts split) {
        if (!split.isClassification()) {
            return Map.of();
        }
        var counts = data.train().classCounts();
        int largest = 0;
        for (int c = 1; c < counts.length; c++) {
            largest = counts[c] > counts[largest] ? c : largest;
        }
        var always = new double[split.size()];
        Arrays.fill(always, largest);
        return SentenceTask.scores(split, always);
    }

    private static Map<String, Long> counts(LabelledTexts split, double[] predicted) {
        var counts = new TreeMap<String, Long>();
        if (split.isClassification()) {
            split.labelNames().forEach(label -> counts.put(label, 0L));
            for (double p : predicted) {
                counts.merge(split.labelNames().get((int) p), 1L, Long::sum);
            }
        }
        return counts;
    }

    @Override
    public long totalParameters() {
        long all = adapters == null ? 0 : adapters.trainableCount();
        return all + model.parameters().values().stream().mapToLong(NDArray::size).sum();
    }

    @Override
    public Map<String, Object> data() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("name", data.name());
        facts.put("source", data.provenance().source());
        facts.put("licence", data.provenance().licence());
        facts.put("preparation", data.provenance().preparation());
        facts.put("files", new TreeMap<>(data.provenance().files()));
        for (var split : data.splits()) {
            var rows = new LinkedHashMap<String, Object>();
            rows.put("rows", split.size());
            rows.put("sha256", split.sha256());
            if (split.isClassification()) {
                rows.put("class_counts", split.classCounts());
            }
            facts.put(split.name(), rows);
        }
        return facts;
    }

    @Override
    public Map<String, Object> model() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("name", config.model());
        facts.put("artifact", modelSource);
        facts.put("encoder_values_sha256", weightsSha256);
        return facts;
    }

    @Override
    public void close() {
        if (trained.pairOptimizer() != null) {
            trained.pairOptimizer().close();
        }
        trained.otherOptimizer().close();
        if (adapters != null) {
            adapters.close();
        }
        model.close();
        manager.close();
    }
}
