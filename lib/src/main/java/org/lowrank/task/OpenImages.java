package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lowrank.data.BatchPlan;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.image.Augmentation;
import org.lowrank.data.image.ImageData;
import org.lowrank.data.image.ImageProcessor;
import org.lowrank.data.image.PreparedPictures;
import org.lowrank.engine.CancelledException;
import org.lowrank.linalg.DivergedException;
import org.lowrank.model.block.Network;
import org.lowrank.model.head.PictureClassifier;
import org.lowrank.train.GraphObjective;

/** A classifier of pictures on the splits of a set. */
public final class OpenImages implements OpenTask<Integer>, GraphObjective {

    private static final int EVALUATION_BATCH = 64;
    private static final int CHANNELS = 3;

    /**
     * How training rows become batches.
     *
     * @param seed of their order and of the augmentation
     */
    public record Batches(int size, long seed, Augmentation augmentation) {}

    private final PictureClassifier model;
    private final Map<String, Object> modelFacts;
    private final ImageData data;
    private final Batches batches;
    private final BatchPlan plan;
    private final Map<Part, PreparedPictures> pictures = new EnumMap<>(Part.class);

    OpenImages(
            PictureClassifier model,
            Map<String, Object> modelFacts,
            ImageData data,
            ImageProcessor processor,
            Batches batches) {
        this.model = model;
        this.modelFacts = modelFacts;
        this.data = data;
        this.batches = batches;
        var room = PreparedPictures.room();
        for (var part : Part.values()) {
            pictures.put(part, new PreparedPictures(split(part), data.pictures(), processor, room));
        }
        var alike = new int[split(Part.TRAIN).size()];
        Arrays.fill(alike, 1);
        plan = BatchPlan.ofSize(alike, batches.size(), batches.seed());
    }

    /** The task on a model at hand. */
    public static OpenImages on(
            PictureClassifier model, ImageData data, ImageProcessor processor, Batches batches) {
        return new OpenImages(model, Map.of(), data, processor, batches);
    }

    @Override
    public int batchesPerEpoch() {
        return plan.batchesPerEpoch();
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double share) {
        var rows = plan.rows(epoch, index);
        var augmentation = batches.augmentation();
        var values = pictures.get(Part.TRAIN).values(augmentation, batches.seed(), epoch, rows);
        var logits = model.forward(pixels(step, values, rows.length), true);
        var all = split(Part.TRAIN).examples();
        var labels = Arrays.stream(rows).map(row -> all.get(row).label()).toArray();
        return new BatchLoss(Losses.crossEntropy(step, logits, labels, share), rows.length, 0);
    }

    @Override
    public List<String> notFinite(NDManager step, long epoch, int index) {
        var all = split(Part.TRAIN).examples();
        var names = new ArrayList<String>();
        for (int row : plan.rows(epoch, index)) {
            var one = new int[] {row};
            var values =
                    pictures.get(Part.TRAIN)
                            .values(batches.augmentation(), batches.seed(), epoch, one);
            var logits = model.forward(pixels(step, values, 1), false);
            var loss = Losses.crossEntropy(step, logits, new int[] {all.get(row).label()}, 1);
            if (!Float.isFinite(loss.getFloat())) {
                names.add("the picture " + all.get(row).text());
            }
        }
        return names;
    }

    /** (rows, 3, side, side). */
    static NDArray pixels(NDManager step, float[] values, int rows) {
        // processors make squares: a side follows from the number of values
        long side = Math.round(Math.sqrt(values.length / (double) rows / CHANNELS));
        return step.create(values, new Shape(rows, CHANNELS, side, side));
    }

    @Override
    public List<Integer> predict(Part part) {
        int size = split(part).size();
        var said = new ArrayList<Integer>();
        for (int from = 0; from < size; from += EVALUATION_BATCH) {
            CancelledException.ifInterrupted(from, size);
            var rows = IntStream.range(from, Math.min(size, from + EVALUATION_BATCH)).toArray();
            said.addAll(said(pictures.get(part).values(rows), rows.length));
        }
        return said;
    }

    /**
     * The class of highest logit of each picture.
     *
     * @throws DivergedException if a logit is not finite: the run has diverged
     */
    private List<Integer> said(float[] values, int rows) {
        try (var scratch = model.manager().newSubManager()) {
            var logits = model.forward(pixels(scratch, values, rows), false);
            for (float logit : logits.toFloatArray()) {
                if (!Float.isFinite(logit)) {
                    throw new DivergedException("the model's output is " + logit);
                }
            }
            return Arrays.stream(logits.argMax(1).toLongArray()).mapToObj(c -> (int) c).toList();
        }
    }

    @Override
    public Map<String, Double> score(Part part, List<Integer> said) {
        return TextClassification.scores(split(part), said);
    }

    /** Always the most frequent class of the training rows. */
    @Override
    public List<Integer> trivial(Part part) {
        return TextClassification.mostFrequent(data.rows(), part);
    }

    @Override
    public Map<String, Long> counts(List<Integer> said) {
        return TextClassification.counts(data.rows().labelNames(), said);
    }

    private LabelledTexts split(Part part) {
        return part.of(data.rows());
    }

    /** The rows of the splits and the pictures behind their names. */
    public ImageData data() {
        return data;
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
    public Map<String, Object> facts() {
        return data.rows().facts();
    }

    @Override
    public Map<String, Object> model() {
        return modelFacts;
    }

    @Override
    public void close() {
        model.close();
    }
}
