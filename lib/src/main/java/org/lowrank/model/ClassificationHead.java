package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;

/**
 * Dropout and a linear map from a sentence's vector to the labels; one label for a regression. All
 * of it is trained, whatever the adapters do. Weights start at N(0, 0.02²), the bias at 0.
 */
public final class ClassificationHead extends ModuleBlock implements AutoCloseable {

    private final AdaptableLinear classifier;
    private final Regularizer dropout;
    private final NDManager manager;

    /**
     * @param width of a sentence's vector
     * @param labels number of classes, 1 for a regression
     * @param dropout probability of dropout on the sentence's vector
     * @param seed of the first weights
     */
    public ClassificationHead(long width, int labels, double dropout, long seed, NDManager parent) {
        if (labels < 1) {
            throw new IllegalArgumentException("a head needs at least one label, not " + labels);
        }
        manager = parent.newSubManager();
        manager.setName("head");
        classifier = part("classifier", new AdaptableLinear(width, labels, true));
        this.dropout = new Regularizer(dropout);
        RandomWeights.into(slots(), seed, manager);
        trainAll(true);
    }

    /** (batch, width) to (batch, labels). */
    public NDArray forward(NDArray pooled, boolean training) {
        return classifier.forward(dropout.apply(pooled, training), training);
    }

    @Override
    NDArray forward(NDList inputs, boolean training) {
        return forward(inputs.singletonOrThrow(), training);
    }

    /** The trained arrays, {@code classifier.weight} and {@code classifier.bias}. */
    public Map<String, NDArray> parameters() {
        return arraysByName();
    }

    public int labels() {
        return Math.toIntExact(classifier.out());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return classifier.getOutputShapes(inputShapes);
    }

    @Override
    public void close() {
        manager.close();
    }
}
