package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.engine.CancelledException;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.Network;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.Evaluator;
import org.lowrank.train.GraphObjective;

/**
 * A model with a head on texts or pairs of them: the loss over the training split, and what the
 * model says of the rows of others.
 */
public abstract sealed class OpenText<P> implements OpenTask<P>, GraphObjective
        permits TextClassification.Open, TextRegression.Open {

    private static final int EVALUATION_BATCH = 64;

    private final SentenceClassifier model;
    private final TextTokenizer tokenizer;
    private final Map<String, Object> modelFacts;
    private final TaskData data;
    private final TextShape shape;
    private final Encoded train;
    private final BatchPlan plan;
    private final Map<Part, Supplier<List<P>>> predictors = new EnumMap<>(Part.class);

    /** What a task over texts is put together from. */
    record Parts(
            SentenceClassifier model,
            TextTokenizer tokenizer,
            TaskData data,
            TextShape shape,
            Map<String, Object> modelFacts) {}

    /**
     * @param orderSeed decides the order of the training batches
     */
    OpenText(Parts parts, long orderSeed) {
        model = parts.model();
        tokenizer = parts.tokenizer();
        modelFacts = parts.modelFacts();
        data = parts.data();
        shape = parts.shape();
        train = new Encoded(data.train());
        plan = BatchPlan.ofSize(train.lengths(), shape.batchSize(), orderSeed);
    }

    /** The loss of outputs (n, labels), made of arrays of the step. */
    abstract NDArray loss(NDManager step, NDArray output, double[] targets, double share);

    /** What outputs of shape (n, labels), all finite, say of each row. */
    abstract List<P> said(float[] outputs);

    abstract Map<String, Double> scores(LabelledTexts split, List<P> said);

    /** A split as tokens. */
    private final class Encoded {
        final List<Tokens> tokens = new ArrayList<>();
        final double[] targets;

        Encoded(LabelledTexts data) {
            targets = data.targets();
            for (var example : data.examples()) {
                tokens.add(encode(example));
            }
        }

        int[] lengths() {
            return tokens.stream().mapToInt(Tokens::length).toArray();
        }

        List<Tokens> tokens(int[] rows) {
            return Arrays.stream(rows).mapToObj(tokens::get).toList();
        }
    }

    private Tokens encode(LabelledText example) {
        var first = shape.prefix() + example.text();
        return example.secondText().isPresent()
                ? tokenizer.encode(first, example.secondText().get(), shape.maxLength())
                : tokenizer.encode(first, shape.maxLength());
    }

    @Override
    public int batchesPerEpoch() {
        return plan.batchesPerEpoch();
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double share) {
        var rows = plan.rows(epoch, index);
        var tokens = train.tokens(rows);
        var output = model.forward(TokenBatch.of(tokens, step), true);
        var targets = Arrays.stream(rows).mapToDouble(row -> train.targets[row]).toArray();
        return new BatchLoss(
                loss(step, output, targets, share),
                rows.length,
                tokens.stream().mapToLong(Tokens::length).sum());
    }

    @Override
    public List<String> notFinite(NDManager step, long epoch, int index) {
        var examples = new ArrayList<String>();
        for (int row : plan.rows(epoch, index)) {
            var tokens = TokenBatch.of(train.tokens(new int[] {row}), step);
            var target = new double[] {train.targets[row]};
            if (!Float.isFinite(loss(step, model.forward(tokens, false), target, 1).getFloat())) {
                examples.add("example " + row + " of '" + data.train().name() + "'");
            }
        }
        return examples;
    }

    /** Scores the model on a split, whose texts are tokenized once. */
    public Evaluator on(LabelledTexts split) {
        var predictor = predictor(split);
        return () -> scores(split, predictor.get());
    }

    /** What the model as it stands says of each row of a split, whose texts are tokenized once. */
    public Supplier<List<P>> predictor(LabelledTexts split) {
        var encoded = new Encoded(split);
        var order = BatchPlan.ofSize(encoded.lengths(), EVALUATION_BATCH, 0).inOrder();
        return () -> predict(encoded, order);
    }

    /** What the model says of a text each. */
    public List<P> predict(List<String> texts) {
        return said(texts.stream().map(t -> LabelledText.of(t, 0, "")).map(this::encode).toList());
    }

    private List<P> predict(Encoded encoded, List<int[]> order) {
        var said = new ArrayList<P>(Collections.nCopies(encoded.targets.length, null));
        int done = 0;
        for (var rows : order) {
            CancelledException.ifInterrupted(done++, order.size());
            var ofBatch = said(encoded.tokens(rows));
            for (int i = 0; i < rows.length; i++) {
                said.set(rows[i], ofBatch.get(i));
            }
        }
        return said;
    }

    /**
     * @throws DivergedException if an output is not finite: the run has diverged
     */
    private List<P> said(List<Tokens> tokens) {
        try (var scratch = model.manager().newSubManager()) {
            var outputs = model.forward(TokenBatch.of(tokens, scratch), false).toFloatArray();
            for (float output : outputs) {
                if (!Float.isFinite(output)) {
                    throw new DivergedException("the model's output is " + output);
                }
            }
            return said(outputs);
        }
    }

    @Override
    public Optional<String> peftType() {
        return Optional.of("SEQ_CLS");
    }

    @Override
    public Network network() {
        return model;
    }

    @Override
    public Map<String, NDArray> head() {
        return model.headParameters();
    }

    @Override
    public GraphObjective objective() {
        return this;
    }

    @Override
    public List<P> predict(Part part) {
        return predictors.computeIfAbsent(part, p -> predictor(split(p))).get();
    }

    @Override
    public Map<String, Double> score(Part part, List<P> said) {
        return scores(split(part), said);
    }

    final TaskData data() {
        return data;
    }

    final LabelledTexts split(Part part) {
        return part.of(data);
    }

    @Override
    public Map<String, Object> facts() {
        return data.facts();
    }

    @Override
    public Map<String, Object> model() {
        return modelFacts;
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }

    /** Reads the rows and loads the model for them. */
    static Parts parts(TextSource source, TaskConfig config, TaskContext context)
            throws IOException {
        var data = source.load(config);
        int labels = Math.max(1, data.labelNames().size());
        try (var opened = context.open()) {
            var model = opened.classifier(labels, context.load(), context.seed(), context.owner());
            var shape = new TextShape(context.batchSize(), config.maxLength(), opened.prefix());
            return new Parts(model, opened.tokenizer(), data, shape, TaskContext.facts(opened));
        }
    }
}
