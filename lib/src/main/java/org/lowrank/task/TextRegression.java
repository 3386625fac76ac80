package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lowrank.config.Problems;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.ScoreMetric;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.text.TextTokenizer;

/** A number of a text or of a pair of them: squared error of a new head on an encoder. */
public final class TextRegression implements Task {

    private final TextSource source;
    private final boolean pairs;

    /**
     * @param pairs whether a row has two texts
     */
    public TextRegression(TextSource source, boolean pairs) {
        this.source = source;
        this.pairs = pairs;
    }

    /** Pearson's correlation first. */
    @Override
    public List<String> metrics() {
        return Arrays.stream(ScoreMetric.values()).map(ScoreMetric::label).toList();
    }

    @Override
    public List<NeededFile> files() {
        return source.files();
    }

    @Override
    public void check(TaskConfig config, Problems problems) {
        TextShape.check(config, pairs, problems);
    }

    @Override
    public OpenText<Double> open(TaskConfig config, TaskContext context) throws IOException {
        return new Open(OpenText.parts(source, config, context), context.seed());
    }

    /**
     * The task on a model at hand.
     *
     * @param orderSeed decides the order of the training batches
     */
    public static OpenText<Double> on(
            SentenceClassifier model,
            TextTokenizer tokenizer,
            TaskData data,
            TextShape shape,
            long orderSeed) {
        return new Open(new OpenText.Parts(model, tokenizer, data, shape, Map.of()), orderSeed);
    }

    static final class Open extends OpenText<Double> {

        private Open(Parts parts, long orderSeed) {
            super(parts, orderSeed);
        }

        @Override
        NDArray loss(NDManager step, NDArray output, double[] targets, double share) {
            var wanted = new float[targets.length];
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = (float) targets[i];
            }
            return Losses.meanSquaredError(step, output, wanted, share);
        }

        @Override
        List<Double> said(float[] outputs) {
            var said = new Double[outputs.length];
            Arrays.setAll(said, i -> (double) outputs[i]);
            return List.of(said);
        }

        @Override
        Map<String, Double> scores(LabelledTexts split, List<Double> said) {
            var truth = Arrays.stream(split.targets()).boxed().toList();
            var scores = new LinkedHashMap<String, Double>();
            for (var metric : ScoreMetric.values()) {
                scores.put(metric.label(), metric.of(said, truth));
            }
            return scores;
        }
    }
}
