package org.lowrank.task;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lowrank.data.LabelledTexts;
import org.lowrank.data.image.PreparedPictures;
import org.lowrank.engine.CancelledException;
import org.lowrank.model.block.ImageEncoder;

/**
 * What features know without any training: a picture is of the class whose mean, over the training
 * pictures, is the nearest to its own vector.
 */
public final class NearestMean {

    private static final int BATCH = 50;

    private final ImageEncoder encoder;
    private final double[][] means;

    /** The means of a split. */
    public NearestMean(ImageEncoder encoder, LabelledTexts split, PreparedPictures pictures) {
        this.encoder = encoder;
        means = new double[split.labelNames().size()][encoder.width()];
        var counts = split.classCounts();
        var labels = split.labels();
        for (int i = 0; i < labels.length; i += BATCH) {
            CancelledException.ifInterrupted(i, labels.length);
            int[] rows = IntStream.range(i, Math.min(labels.length, i + BATCH)).toArray();
            var vectors = vectors(pictures, rows);
            for (int k = 0; k < vectors.length; k++) {
                int label = labels[rows[k / encoder.width()]];
                means[label][k % encoder.width()] += vectors[k] / (double) counts[label];
            }
        }
    }

    public List<Integer> of(PreparedPictures pictures) {
        var said = new ArrayList<Integer>();
        int width = encoder.width();
        for (int i = 0; i < pictures.size(); i += BATCH) {
            CancelledException.ifInterrupted(i, pictures.size());
            int[] rows = IntStream.range(i, Math.min(pictures.size(), i + BATCH)).toArray();
            var vectors = vectors(pictures, rows);
            for (int row = 0; row < rows.length; row++) {
                said.add(nearest(vectors, row * width));
            }
        }
        return said;
    }

    private int nearest(float[] vectors, int from) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < means.length; c++) {
            double sum = 0;
            for (int k = 0; k < means[c].length; k++) {
                double difference = vectors[from + k] - means[c][k];
                sum += difference * difference;
            }
            if (sum < least) {
                least = sum;
                best = c;
            }
        }
        return best;
    }

    private float[] vectors(PreparedPictures pictures, int[] rows) {
        try (var step = encoder.manager().newSubManager()) {
            // the processor's size, which an encoder may have been trained on another than
            var pixels = OpenImages.pixels(step, pictures.values(rows), rows.length);
            return encoder.features(pixels, false).toFloatArray();
        }
    }
}
