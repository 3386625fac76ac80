package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.NetworkBlock;
import org.lowrank.model.block.Nonlinearity;
import org.lowrank.model.block.RandomWeights;
import org.lowrank.model.block.Regularizer;

/**
 * Dropout and a linear map from a sentence's vector to the labels, one label for a regression; in
 * some families another map and a nonlinearity before it. All of it is trained, whatever the
 * adapters do.
 */
public final class ClassificationHead extends NetworkBlock {

    /**
     * @param inner what the family calls the map before the last, or null
     * @param f the nonlinearity behind the inner map
     * @param dropsFirst whether there is dropout before the inner map too
     * @param last what it calls the last map
     */
    public record Form(String inner, Nonlinearity f, boolean dropsFirst, String last) {

        /** One linear map, as over BERT's pooler. */
        public static final Form PLAIN = new Form(null, null, true, "classifier");
    }

    private final Form form;
    private final AdaptableLinear inner;
    private final AdaptableLinear classifier;
    private final Regularizer dropout;

    /**
     * A head whose values are still to come.
     *
     * @param width of a sentence's vector
     * @param labels number of classes, 1 for a regression
     * @param dropout probability of dropout before the last map
     */
    public ClassificationHead(Form form, long width, int labels, double dropout, NDManager parent) {
        super("head", parent);
        if (labels < 1) {
            throw new IllegalArgumentException("a head needs at least one label, not " + labels);
        }
        this.form = form;
        inner = form.inner() == null ? null : linear(form.inner(), width, width, true);
        classifier = linear(form.last(), width, labels, true);
        this.dropout = new Regularizer(dropout);
    }

    /**
     * A new head of one map: weights from N(0, 0.02²), the bias 0.
     *
     * @param seed of the first weights
     */
    public ClassificationHead(long width, int labels, double dropout, long seed, NDManager parent) {
        this(Form.PLAIN, width, labels, dropout, parent);
        startAt(seed);
    }

    /** Gives the head its first values, a function of the seed: N(0, 0.02²), biases 0. */
    public ClassificationHead startAt(long seed) {
        RandomWeights.into(slots(), seed, manager());
        train(true);
        return this;
    }

    @Override
    public void filled() {
        train(true);
    }

    /** (batch, width) to (batch, labels). */
    public NDArray forward(NDArray pooled, boolean training) {
        var x = pooled;
        if (inner != null) {
            var dropped = form.dropsFirst() ? dropout.apply(x, training) : x;
            x = form.f().of(inner.forward(dropped, training));
        }
        return classifier.forward(dropout.apply(x, training), training);
    }

    public int labels() {
        return Math.toIntExact(classifier.out());
    }
}
