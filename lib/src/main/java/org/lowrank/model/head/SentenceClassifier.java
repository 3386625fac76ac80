package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.Slot;
import org.lowrank.model.block.TextEncoder;
import org.lowrank.text.TokenBatch;

/** Encoder, pooling and head: sentences to logits. It owns the encoder and the head. */
public final class SentenceClassifier implements Classifier {

    private final TextEncoder encoder;
    private final Pooling pooling;
    private final Pooler pooler;
    private final ClassificationHead head;

    public SentenceClassifier(TextEncoder encoder, Pooling pooling, ClassificationHead head) {
        this(encoder, pooling, null, head);
    }

    /**
     * @param pooler the encoder's own map of the pooled vector, or null; it is frozen as the
     *     encoder is
     */
    public SentenceClassifier(
            TextEncoder encoder, Pooling pooling, Pooler pooler, ClassificationHead head) {
        this.encoder = encoder;
        this.pooling = pooling;
        this.pooler = pooler;
        this.head = head;
    }

    /** A new head of the given number of labels on an encoder. */
    public static SentenceClassifier on(
            TextEncoder encoder, Pooling pooling, int labels, double dropout, long seed) {
        var head =
                new ClassificationHead(encoder.width(), labels, dropout, seed, encoder.manager());
        return new SentenceClassifier(encoder, pooling, head);
    }

    /** Logits (batch, labels), attached to the manager of the batch. */
    public NDArray forward(TokenBatch batch, boolean training) {
        var pooled = pooling.pool(encoder, batch, training);
        return head.forward(pooler == null ? pooled : pooler.forward(pooled, training), training);
    }

    @Override
    public TextEncoder encoder() {
        return encoder;
    }

    @Override
    public ClassificationHead head() {
        return head;
    }

    /** Makes every weight of encoder and pooler a leaf of the graph (full fine-tuning), or none. */
    @Override
    public void train(boolean all) {
        Classifier.super.train(all);
        if (pooler != null) {
            pooler.slots().values().forEach(slot -> slot.array().setRequiresGradient(all));
        }
    }

    /** The linear maps of encoder and pooler; the head carries no adapter, it is trained whole. */
    @Override
    public Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<>(encoder.linears());
        if (pooler != null) {
            linears.putAll(pooler.linears());
        }
        return linears;
    }

    @Override
    public String root() {
        return encoder.bodyName();
    }

    @Override
    public Map<String, Slot> slots() {
        var slots = Classifier.super.slots();
        if (pooler != null) {
            slots.putAll(pooler.slots());
        }
        return slots;
    }
}
