package org.lowrank.train;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.lowrank.adapter.TinyMlp;
import org.lowrank.data.score.ClassMetric;
import org.lowrank.task.Losses;

/**
 * A small real task for tests: which of three arms of a noisy spiral a point lies on, in five
 * features.
 */
public final class SpiralObjective implements GraphObjective, Evaluator {

    private static final int FEATURES = 5;
    private final TinyMlp model;
    private final NDManager manager;
    private final float[][] rows;
    private final int[] labels;
    private final int batchSize;
    private long orderSeed;

    public SpiralObjective(TinyMlp model, NDManager manager, int count, int batchSize, long seed) {
        this.model = model;
        this.manager = manager;
        this.batchSize = batchSize;
        rows = new float[count][];
        labels = new int[count];
        var random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            labels[i] = i % 3;
            double radius = random.nextDouble(0.2, 1);
            double angle = 2 * radius + labels[i] * 2 * Math.PI / 3 + random.nextDouble(-0.2, 0.2);
            double x = radius * Math.cos(angle);
            double y = radius * Math.sin(angle);
            rows[i] =
                    new float[] {
                        (float) x, (float) y, (float) (x * y), (float) (x * x), (float) (y * y)
                    };
        }
    }

    /** Another order of the rows. */
    public void reseed(long seed) {
        orderSeed = seed << 32;
    }

    @Override
    public int batchesPerEpoch() {
        return rows.length / batchSize;
    }

    @Override
    public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
        return loss(step, draw(epoch, index), weight);
    }

    private int[] draw(long epoch, int index) {
        var random = new SplittableRandom(orderSeed + epoch * 7919 + index);
        return random.ints(batchSize, 0, rows.length).toArray();
    }

    private BatchLoss loss(NDManager step, int[] drawn, double weight) {
        var batch = new float[drawn.length * FEATURES];
        var wanted = new int[drawn.length];
        for (int i = 0; i < drawn.length; i++) {
            System.arraycopy(rows[drawn[i]], 0, batch, i * FEATURES, FEATURES);
            wanted[i] = labels[drawn[i]];
        }
        var logits = model.forward(step.create(batch, new Shape(drawn.length, FEATURES)), true);
        return new BatchLoss(Losses.crossEntropy(step, logits, wanted, weight), drawn.length, 0);
    }

    /** Batches of given rows; each row of a step weighs as much, whatever batch it is in. */
    public GraphObjective ofRows(List<int[]> batches) {
        return new GraphObjective() {
            @Override
            public int batchesPerEpoch() {
                return batches.size();
            }

            @Override
            public BatchLoss loss(NDManager step, long epoch, int index, double share) {
                return SpiralObjective.this.loss(step, batches.get(index), share);
            }

            @Override
            public double size(long epoch, int index) {
                return batches.get(index).length;
            }
        };
    }

    /** The same rows in the same order, so many batches as one. */
    public GraphObjective joined(int batches) {
        return new GraphObjective() {
            @Override
            public int batchesPerEpoch() {
                return SpiralObjective.this.batchesPerEpoch() / batches;
            }

            @Override
            public BatchLoss loss(NDManager step, long epoch, int index, double weight) {
                var drawn =
                        IntStream.range(batches * index, batches * (index + 1))
                                .flatMap(i -> Arrays.stream(draw(epoch, i)))
                                .toArray();
                return SpiralObjective.this.loss(step, drawn, weight);
            }
        };
    }

    @Override
    public Map<String, Double> evaluate() {
        return Map.of("accuracy", ClassMetric.ACCURACY.of(predicted(), labels()));
    }

    public List<Integer> labels() {
        return Arrays.stream(labels).boxed().toList();
    }

    /** The class of every row, as the model says it now. */
    public List<Integer> predicted() {
        try (var scratch = manager.newSubManager()) {
            var all = new float[rows.length * FEATURES];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(rows[i], 0, all, i * FEATURES, FEATURES);
            }
            var logits =
                    model.forward(scratch.create(all, new Shape(rows.length, FEATURES)), false);
            return Arrays.stream(logits.argMax(1).toLongArray()).mapToObj(c -> (int) c).toList();
        }
    }
}
