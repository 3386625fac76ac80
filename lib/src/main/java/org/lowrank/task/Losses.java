package org.lowrank.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Losses of a batch. Labels and the factor 1/n enter the graph as one array made before it, so that
 * no Java number does (see {@link org.lowrank.engine.GraphConstants}).
 */
public final class Losses {

    private Losses() {}

    /**
     * Mean cross-entropy −weight/n Σᵢ log softmax(logitsᵢ)[labelᵢ].
     *
     * @param step owner of the arrays of the step
     * @param logits (n, classes)
     * @throws IllegalArgumentException if a label is not a class
     */
    public static NDArray crossEntropy(
            NDManager step, NDArray logits, int[] labels, double weight) {
        int classes = Math.toIntExact(logits.getShape().get(1));
        var target = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "label %s of row %s is none of the %s classes 0 to %s"
                                .formatted(labels[i], i, classes, classes - 1));
            }
            target[i * classes + labels[i]] = (float) (-weight / labels.length);
        }
        var weights = step.create(target, new Shape(labels.length, classes));
        return logits.logSoftmax(1).mul(weights).sum();
    }

    /**
     * Mean squared error weight/n Σᵢ (outputᵢ − targetᵢ)².
     *
     * @param output (n, 1)
     */
    public static NDArray meanSquaredError(
            NDManager step, NDArray output, float[] targets, double weight) {
        var wanted = step.create(targets, new Shape(targets.length, 1));
        var scale = new float[targets.length];
        java.util.Arrays.fill(scale, (float) (weight / targets.length));
        var difference = output.sub(wanted);
        return difference
                .mul(difference)
                .mul(step.create(scale, new Shape(targets.length, 1)))
                .sum();
    }
}
