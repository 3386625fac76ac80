package org.lowrank.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.adapter.AdaptableModel;
import org.lowrank.text.TokenBatch;

/** Encoder, pooling and head: sentences to logits. It owns the encoder and the head. */
public final class SentenceClassifier implements AdaptableModel, AutoCloseable {

    private final BertEncoder encoder;
    private final Pooling pooling;
    private final BertPooler pooler;
    private final ClassificationHead head;

    public SentenceClassifier(BertEncoder encoder, Pooling pooling, ClassificationHead head) {
        this(encoder, pooling, null, head);
    }

    /**
     * @param pooler the encoder's own map of the pooled vector, or null; it is frozen as the
     *     encoder is
     */
    public SentenceClassifier(
            BertEncoder encoder, Pooling pooling, BertPooler pooler, ClassificationHead head) {
        this.encoder = encoder;
        this.pooling = pooling;
        this.pooler = pooler;
        this.head = head;
    }

    /** A new head of the given number of labels on an encoder. */
    public static SentenceClassifier on(
            BertEncoder encoder, Pooling pooling, int labels, double dropout, long seed) {
        return new SentenceClassifier(
                encoder,
                pooling,
                new ClassificationHead(
                        encoder.config().hidden(), labels, dropout, seed, encoder.manager()));
    }

    /** Logits (batch, labels), attached to the manager of the batch. */
    public NDArray forward(TokenBatch batch, boolean training) {
        var pooled = pooling.pool(encoder.forward(batch, training), batch.mask());
        return head.forward(pooler == null ? pooled : pooler.forward(pooled, training), training);
    }

    /** Logits for ids (batch, length), int64, and their mask; all tokens are of type 0. */
    public NDArray forward(NDArray ids, NDArray mask, boolean training) {
        return forward(new TokenBatch(ids, mask), training);
    }

    public BertEncoder encoder() {
        return encoder;
    }

    public ClassificationHead head() {
        return head;
    }

    /** The trained arrays of the head by name. */
    public Map<String, NDArray> headParameters() {
        return head.parameters();
    }

    /** Makes every weight of encoder and pooler a leaf of the graph (full fine-tuning), or none. */
    public void train(boolean all) {
        encoder.train(all);
        if (pooler != null) {
            pooler.trainAll(all);
        }
    }

    /** The linear maps of encoder and pooler; the head carries no adapter, it is trained whole. */
    @Override
    public Map<String, AdaptableLinear> linears() {
        var linears = new LinkedHashMap<>(encoder.linears());
        if (pooler != null) {
            linears.putAll(pooler.linearsByPath());
        }
        return linears;
    }

    @Override
    public Map<String, NDArray> parameters() {
        var all = new LinkedHashMap<>(encoder.parameters());
        if (pooler != null) {
            all.putAll(pooler.arraysByName());
        }
        all.putAll(head.parameters());
        return all;
    }

    /** Where the weights lie; steps make sub-managers of it. */
    public NDManager manager() {
        return encoder.manager();
    }

    @Override
    public void close() {
        head.close();
        encoder.close();
    }
}
