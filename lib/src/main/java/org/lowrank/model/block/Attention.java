package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.engine.GraphConstants;

/**
 * Multi-head attention of a sequence to itself or to another one (Vaswani et al., arXiv 1706.03762,
 * section 3.2): softmax(Q Kᵀ · scale + mask) V in each head, then the output map. Several query
 * heads may share one key and value head (Ainslie et al., arXiv 2305.13245).
 */
public final class Attention extends ModuleBlock {

    /** What a model calls the maps, within the block; equal for Q, K and V where they are one. */
    public record Names(
            String query,
            String key,
            String value,
            String output,
            String queryNorm,
            String keyNorm) {

        public Names(String query, String key, String value, String output) {
            this(query, key, value, output, null, null);
        }
    }

    /**
     * @param width of a token's vector
     * @param keyHeads key and value heads; they divide the query heads
     * @param headWidth d
     * @param bias of Q, K and V
     * @param scale of the scores, 1 / sqrt(d) in most models
     * @param headNorm of the queries and keys of each head, or null
     * @param dropout on the attention weights, in training
     */
    public record Form(
            int width,
            int heads,
            int keyHeads,
            int headWidth,
            boolean bias,
            boolean outputBias,
            double scale,
            NormLayer.Form headNorm,
            double dropout) {

        /** As many key heads as query heads, which share the width; biases everywhere. */
        public static Form plain(int width, int heads, double dropout) {
            int d = width / heads;
            return new Form(width, heads, heads, d, true, true, 1 / Math.sqrt(d), null, dropout);
        }
    }

    /**
     * What all layers of one pass share.
     *
     * @param batch number of sequences
     * @param length tokens of each that are computed now
     * @param mask added to the scores, (batch or 1, heads or 1, length or 1, all tokens): 0 where a
     *     token is seen, very negative where not, and what depends on distances; null where every
     *     token sees all alike
     * @param rotation of queries and keys by their positions, or null
     * @param past keys and values of earlier tokens of this layer, or null
     */
    public record Context(
            long batch,
            long length,
            NDArray mask,
            RotaryPositions.Rotation rotation,
            Memory.KeyValues past) {}

    /** Keys and values of a sequence that others attend to, (batch, tokens, key heads, d) each. */
    public record Read(NDArray keys, NDArray values) {}

    private final Form form;
    private final AdaptableLinear query;
    private final AdaptableLinear key;
    private final AdaptableLinear value;
    private final AdaptableLinear output;
    private final NormLayer queryNorm;
    private final NormLayer keyNorm;
    private final Regularizer dropout;
    private NDArray scale;

    public Attention(Form form, Names names) {
        this.form = form;
        int inner = form.heads() * form.headWidth();
        int shared = form.keyHeads() * form.headWidth();
        if (names.query().equals(names.key())) {
            query = linear(names.query(), form.width(), inner + 2L * shared, form.bias());
            key = null;
            value = null;
        } else {
            query = linear(names.query(), form.width(), inner, form.bias());
            key = linear(names.key(), form.width(), shared, form.bias());
            value = linear(names.value(), form.width(), shared, form.bias());
        }
        output = linear(names.output(), inner, form.width(), form.outputBias());
        queryNorm = headNorm(names.queryNorm());
        keyNorm = headNorm(names.keyNorm());
        dropout = new Regularizer(form.dropout());
    }

    private NormLayer headNorm(String name) {
        return form.headNorm() == null
                ? null
                : part(name, new NormLayer(form.headWidth(), form.headNorm()));
    }

    Form form() {
        return form;
    }

    /** Three maps and their softmax, nothing more. */
    boolean isPlain() {
        return key != null && queryNorm == null && form.dropout() == 0;
    }

    /**
     * @param x (batch · length, width): the linear maps work on plain matrices
     * @return (batch · length, width)
     */
    public NDArray forward(NDArray x, Context at, boolean training) {
        var first = query.forward(x, training);
        NDArray k;
        NDArray v;
        if (key == null) {
            long inner = (long) form.heads() * form.headWidth();
            long shared = (long) form.keyHeads() * form.headWidth();
            var three = first.split(new long[] {inner, inner + shared}, 1);
            first = three.get(0);
            k = three.get(1);
            v = three.get(2);
        } else {
            k = key.forward(x, training);
            v = value.forward(x, training);
        }
        var q = byHead(first, queryNorm, form.heads(), at);
        k = byHead(k, keyNorm, form.keyHeads(), at);
        v = v.reshape(at.batch(), at.length(), form.keyHeads(), form.headWidth());
        var mixed =
                at.past() == null
                        ? mixed(turned(q, at), turned(k, at), v, at, training)
                        : at.past().attend(q, k, v, at, form.scale());
        return output.forward(mixed, training);
    }

    /**
     * Of the first token of each sequence alone, which attends to all.
     *
     * @param x (batch · length, width)
     * @return (batch, width)
     * @throws IllegalArgumentException if positions are rotated, tokens are remembered, or the
     *     attention is not of three maps alone
     */
    public NDArray first(NDArray x, Context at, boolean training) {
        requireFirst(at);
        if (key == null || queryNorm != null) {
            throw new IllegalArgumentException(
                    "the first token alone is computed where query, key and value are three maps"
                            + " and nothing more; compute all tokens");
        }
        var one = new Context(at.batch(), 1, at.mask(), null, null);
        return forward(firsts(x, at), read(x, at.batch(), training), one, training);
    }

    static void requireFirst(Context at) {
        if (at.rotation() != null || at.past() != null) {
            throw new IllegalArgumentException(
                    "the first token alone is computed where positions are not rotated and nothing"
                            + " is remembered; compute all tokens");
        }
    }

    /** The rows of the first tokens, (batch · length, width) to (batch, width). */
    public static NDArray firsts(NDArray x, Context at) {
        return x.reshape(at.batch(), at.length(), x.getShape().get(1)).get(new NDIndex(":, 0"));
    }

    /** x, for all that read it beside this block. */
    NDArray apart(NDArray x) {
        return query.apart(x);
    }

    /** The keys and values of a sequence (batch · length, width), for others to attend to. */
    public Read read(NDArray x, long batch, boolean training) {
        var shape = new Shape(batch, -1, form.keyHeads(), form.headWidth());
        return new Read(
                key.forward(x, training).reshape(shape), value.forward(x, training).reshape(shape));
    }

    /** The attention of x, (batch · length, width), to a sequence that was read. */
    public NDArray forward(NDArray x, Read read, Context at, boolean training) {
        var q = turned(byHead(query.forward(x, training), queryNorm, form.heads(), at), at);
        return output.forward(mixed(q, read.keys(), read.values(), at, training), training);
    }

    /** (batch · length, heads · d) to (batch, length, heads, d), normalised. */
    private NDArray byHead(NDArray x, NormLayer norm, int heads, Context at) {
        var byHead = x.reshape(at.batch(), at.length(), heads, form.headWidth());
        return norm == null ? byHead : norm.forward(byHead);
    }

    private static NDArray turned(NDArray x, Context at) {
        return at.rotation() == null ? x : at.rotation().turn(x);
    }

    /**
     * (batch, length, heads, d) to (batch · heads of keys, length · queries a key, d), one copy.
     */
    private NDArray byHead(NDArray x) {
        var shape = x.getShape();
        long perKey = shape.get(2) / form.keyHeads();
        return x.transpose(0, 2, 1, 3)
                .reshape(shape.get(0) * form.keyHeads(), perKey * shape.get(1), form.headWidth());
    }

    /** Query heads that share a key head stand below each other in one product with it. */
    private NDArray mixed(NDArray q, NDArray k, NDArray v, Context at, boolean training) {
        long all = k.getShape().get(1);
        var columns = byHead(k).transpose(0, 2, 1);
        var scores =
                byHead(q.mul(scale()))
                        .batchMatMul(columns)
                        .reshape(at.batch(), form.heads(), at.length(), all);
        var seen = at.mask() == null ? scores : scores.add(at.mask());
        var weights = dropout.apply(seen.softmax(-1), training);
        long rows = at.length() * form.heads() / form.keyHeads();
        return weights.reshape(at.batch() * form.keyHeads(), rows, all)
                .batchMatMul(byHead(v))
                .reshape(at.batch(), form.heads(), at.length(), form.headWidth())
                .transpose(0, 2, 1, 3)
                .reshape(at.batch() * at.length(), (long) form.heads() * form.headWidth());
    }

    /** The scale of the scores, which lives as long as the weights. */
    private NDArray scale() {
        if (scale == null) {
            scale = GraphConstants.scalar(output.manager(), form.scale(), DataType.FLOAT32);
        }
        return scale;
    }
}
