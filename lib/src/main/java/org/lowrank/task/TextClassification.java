package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lowrank.config.Problems;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.TaskData;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.data.source.NeededFile;
import org.lowrank.model.head.SentenceClassifier;
import org.lowrank.text.TextTokenizer;

/** Texts, or pairs of them, into classes: cross-entropy of a new head on an encoder. */
public final class TextClassification implements Task {

    private final TextSource source;
    private final boolean pairs;
    private final List<String> metrics;
    private final String contents;

    /**
     * @param pairs whether a row has two texts
     * @param classes how many there are
     * @param first the metric of tables
     */
    public TextClassification(TextSource source, boolean pairs, int classes, ClassMetric first) {
        this(source, pairs, classes, first, "");
    }

    private TextClassification(
            TextSource source, boolean pairs, int classes, ClassMetric first, String contents) {
        this.source = source;
        this.pairs = pairs;
        this.contents = contents;
        var all = new ArrayList<>(ofClasses(classes).stream().map(ClassMetric::label).toList());
        all.remove(first.label());
        all.add(0, first.label());
        metrics = List.copyOf(all);
    }

    /**
     * A task over rows that are at hand, of any type. The validation and the test split are cut
     * from them by the seed of the configuration, each with the class shares of all: a tenth for
     * validation, unless {@code validation_rows} says how many, a fifth for the test.
     *
     * @param text of a row
     * @param label of a row; the classes are numbered in their alphabetical order
     */
    public static <R> TextClassification of(
            List<R> rows, Function<R, String> text, Function<R, String> label) {
        var table =
                new TextTable(rows.stream().map(text).toList(), rows.stream().map(label).toList());
        return new TextClassification(
                table, false, table.classes().size(), ClassMetric.ACCURACY, table.sha256());
    }

    /** F1 is of class 1 of two. */
    private static List<ClassMetric> ofClasses(int classes) {
        return classes == 2
                ? List.of(ClassMetric.values())
                : List.of(ClassMetric.ACCURACY, ClassMetric.MATTHEWS);
    }

    @Override
    public List<String> metrics() {
        return metrics;
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
    public String contents() {
        return contents;
    }

    @Override
    public OpenText<Integer> open(TaskConfig config, TaskContext context) throws IOException {
        return new Open(OpenText.parts(source, config, context), context.seed());
    }

    /**
     * The task on a model at hand.
     *
     * @param orderSeed decides the order of the training batches
     */
    public static OpenText<Integer> on(
            SentenceClassifier model,
            TextTokenizer tokenizer,
            TaskData data,
            TextShape shape,
            long orderSeed) {
        return new Open(new OpenText.Parts(model, tokenizer, data, shape, Map.of()), orderSeed);
    }

    /** The metrics of what was said of a split's rows. */
    public static Map<String, Double> scores(LabelledTexts split, List<Integer> said) {
        var truth = Arrays.stream(split.labels()).boxed().toList();
        var scores = new LinkedHashMap<String, Double>();
        for (var metric : ofClasses(split.labelNames().size())) {
            scores.put(metric.label(), metric.of(said, truth));
        }
        boolean one = ClassMetric.confusion(said, truth).predictsOneClass();
        scores.put("one_class", one ? 1.0 : 0.0);
        return scores;
    }

    static final class Open extends OpenText<Integer> {

        private final List<String> names;

        private Open(Parts parts, long orderSeed) {
            super(parts, orderSeed);
            names = parts.data().labelNames();
        }

        @Override
        NDArray loss(NDManager step, NDArray output, double[] targets, double share) {
            var labels = Arrays.stream(targets).mapToInt(target -> (int) target).toArray();
            return Losses.crossEntropy(step, output, labels, share);
        }

        /** The class of highest logit. */
        @Override
        List<Integer> said(float[] logits) {
            var said = new ArrayList<Integer>();
            for (int row = 0; row < logits.length; row += names.size()) {
                int best = 0;
                for (int c = 1; c < names.size(); c++) {
                    best = logits[row + c] > logits[row + best] ? c : best;
                }
                said.add(best);
            }
            return said;
        }

        @Override
        Map<String, Double> scores(LabelledTexts split, List<Integer> said) {
            return TextClassification.scores(split, said);
        }

        /** Always the most frequent class of the training rows. */
        @Override
        public List<Integer> trivial(Part part) {
            return mostFrequent(data(), part);
        }

        @Override
        public Map<String, Long> counts(List<Integer> said) {
            return TextClassification.counts(names, said);
        }
    }

    static List<Integer> mostFrequent(TaskData data, Part part) {
        var counts = data.train().classCounts();
        int largest = 0;
        for (int c = 1; c < counts.length; c++) {
            largest = counts[c] > counts[largest] ? c : largest;
        }
        return Collections.nCopies(part.of(data).size(), largest);
    }

    static Map<String, Long> counts(List<String> names, List<Integer> said) {
        var counts = new TreeMap<String, Long>();
        names.forEach(name -> counts.put(name, 0L));
        said.forEach(c -> counts.merge(names.get(c), 1L, Long::sum));
        return counts;
    }
}
