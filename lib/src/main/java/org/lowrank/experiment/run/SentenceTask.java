package org.lowrank.experiment.run;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.LabelledText;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.ConfusionMatrix;
import org.lowrank.data.score.Correlation;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.task.Losses;
import org.lowrank.text.TextTokenizer;
import org.lowrank.text.TokenBatch;
import org.lowrank.text.Tokens;
import org.lowrank.train.Evaluator;
import org.lowrank.train.GraphObjective;

/**
 * A model on a task over sentences or pairs of them: the loss over its training split, and scores
 * over the others. Classes are learned by cross-entropy, scores (STS-B) by squared error.
 */
public final class SentenceTask implements GraphObjective {

    private static final int EVALUATION_BATCH = 64;

    private final SentenceClassifier model;
    private final TextTokenizer tokenizer;
    private final Shape shape;
    private final Encoded train;
    private final BatchPlan plan;

    /**
     * How sentences become batches.
     *
     * @param batchSize rows of a training batch
     * @param maxLength tokens of an input, the special ones among them; longer ones are cut
     * @param prefix put before every first sentence, for encoders that want one ("query: "); may be
     *     empty
     */
    public record Shape(int batchSize, int maxLength, String prefix) {

        /** No prefix. */
        public Shape(int batchSize, int maxLength) {
            this(batchSize, maxLength, "");
        }
    }

    /**
     * @param orderSeed decides the order of the training batches
     */
    public SentenceTask(
            SentenceClassifier model,
            TextTokenizer tokenizer,
            TaskData data,
            Shape shape,
            long orderSeed) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.shape = shape;
        train = new Encoded(data.train());
        plan = BatchPlan.ofSize(train.lengths(), shape.batchSize(), orderSeed);
    }

    /** A split as tokens. */
    private final class Encoded {
        final LabelledTexts data;
        final List<Tokens> tokens = new ArrayList<>();
        final double[] targets;

        Encoded(LabelledTexts data) {
            this.data = data;
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
    public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
        var rows = plan.rows(epoch, index);
        var tokens = train.tokens(rows);
        var output = model.forward(TokenBatch.of(tokens, step), true);
        var targets = Arrays.stream(rows).mapToDouble(row -> train.targets[row]).toArray();
        var loss =
                train.data.isClassification()
                        ? Losses.crossEntropy(
                                step,
                                output,
                                Arrays.stream(targets).mapToInt(t -> (int) t).toArray(),
                                weight)
                        : Losses.meanSquaredError(step, output, floats(targets), weight);
        return new BatchLoss(loss, rows.length, tokens.stream().mapToLong(Tokens::length).sum());
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** Scores the model on a split, whose sentences are tokenized once. */
    public Evaluator on(LabelledTexts split) {
        var predictor = predictor(split);
        return () -> scores(split, predictor.get());
    }

    /**
     * What the model as it stands says of each row of a split: the class, or the score of a
     * regression. The sentences are tokenized once.
     */
    public Supplier<double[]> predictor(LabelledTexts split) {
        var encoded = new Encoded(split);
        var order = BatchPlan.ofSize(encoded.lengths(), EVALUATION_BATCH, 0).inOrder();
        return () -> outputs(encoded, order);
    }

    /** What the model says of a sentence each: the class, or the score of a regression. */
    public double[] predict(List<String> sentences) {
        try (var scratch = model.manager().newSubManager()) {
            var tokens =
                    sentences.stream()
                            .map(s -> tokenizer.encode(shape.prefix() + s, shape.maxLength()))
                            .toList();
            return predictions(
                    model.forward(TokenBatch.of(tokens, scratch), false).toFloatArray(),
                    model.head().labels());
        }
    }

    private double[] outputs(Encoded encoded, List<int[]> order) {
        var outputs = new double[encoded.targets.length];
        for (var rows : order) {
            try (var scratch = model.manager().newSubManager()) {
                var output = model.forward(TokenBatch.of(encoded.tokens(rows), scratch), false);
                var predicted = predictions(output.toFloatArray(), model.head().labels());
                for (int i = 0; i < rows.length; i++) {
                    outputs[rows[i]] = predicted[i];
                }
            }
        }
        return outputs;
    }

    /**
     * The class of highest logit of each row, or the output itself.
     *
     * @throws DivergedException if a logit is not finite: the run has diverged
     */
    private static double[] predictions(float[] logits, int labels) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                throw new DivergedException("the model's output is " + logit);
            }
        }
        var predictions = new double[logits.length / labels];
        for (int row = 0; row < predictions.length; row++) {
            if (labels == 1) {
                predictions[row] = logits[row];
                continue;
            }
            int best = 0;
            for (int c = 1; c < labels; c++) {
                if (logits[row * labels + c] > logits[row * labels + best]) {
                    best = c;
                }
            }
            predictions[row] = best;
        }
        return predictions;
    }

    /** The names of {@link #scores} for a task of so many classes, of 0 for a regression. */
    static List<String> metrics(int classes) {
        return classes == 0
                ? List.of("pearson", "spearman")
                : classes == 2
                        ? List.of("accuracy", "f1", "matthews")
                        : List.of("accuracy", "matthews");
    }

    /** The metrics of predictions for a split. */
    public static Map<String, Double> scores(LabelledTexts split, double[] predicted) {
        var scores = new LinkedHashMap<String, Double>();
        if (!split.isClassification()) {
            scores.put("pearson", Correlation.pearson(predicted, split.targets()));
            scores.put("spearman", Correlation.spearman(predicted, split.targets()));
            return scores;
        }
        var classes = Arrays.stream(predicted).mapToInt(p -> (int) p).toArray();
        var matrix = ConfusionMatrix.of(classes, split.labels(), split.labelNames().size());
        scores.put("accuracy", matrix.accuracy());
        if (split.labelNames().size() == 2) {
            scores.put("f1", matrix.f1(1));
        }
        scores.put("matthews", matrix.matthews());
        scores.put("one_class", matrix.predictsOneClass() ? 1.0 : 0.0);
        return scores;
    }
}
