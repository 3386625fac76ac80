package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * What a head adds to the score of two tokens by the distance between them, as T5 does (Raffel et
 * al., arXiv 1910.10683, section 2.1): b[head, bucket(j − i)].
 *
 * <p>Of n buckets for a direction the first n/2 stand for the distances 0, 1, 2 and on; a longer
 * distance d is in bucket n/2 + ⌊(n/2) log(d / (n/2)) / log(D / (n/2))⌋, the last one for d ≥ D. A
 * text that is read in both directions has half of the buckets for what stands after a token.
 */
public final class RelativePositions extends ModuleBlock {

    /**
     * @param buckets in all
     * @param farthest D, the distance from which all are alike
     * @param bothWays whether a token sees those after it
     */
    public record Form(int buckets, int farthest, boolean bothWays) {

        /** Buckets for one direction. */
        int ofOneWay() {
            return bothWays ? buckets / 2 : buckets;
        }
    }

    private final Form form;
    private final EmbeddingTable table;
    private long[] byDistance;

    public RelativePositions(Form form, int heads) {
        this.form = form;
        table = part("", new EmbeddingTable(form.buckets(), heads));
    }

    /**
     * What is added to the scores of the last tokens.
     *
     * @param length number of tokens that look
     * @param all number of tokens that are looked at
     * @return (1, heads, length, all)
     */
    public NDArray forward(long length, long all, NDManager step) {
        var buckets = new long[Math.toIntExact(length * all)];
        int at = 0;
        for (long i = all - length; i < all; i++) {
            for (long j = 0; j < all; j++) {
                buckets[at++] = bucket(Math.toIntExact(j - i), step);
            }
        }
        var rows = table.forward(step.create(buckets, new Shape(length, all)));
        return rows.transpose(2, 0, 1).expandDims(0);
    }

    /** The bucket of a token that stands so many places after the one that looks. */
    public long bucket(int after, NDManager step) {
        if (byDistance == null) {
            byDistance = byDistance(step);
        }
        int distance = form.bothWays() ? Math.abs(after) : Math.max(-after, 0);
        long near = byDistance[Math.min(distance, byDistance.length - 1)];
        return form.bothWays() && after > 0 ? near + form.ofOneWay() : near;
    }

    /**
     * The buckets of the distances 0 to D. The engine's float32 logarithm decides at the edges of
     * buckets, as it does for PyTorch.
     */
    private long[] byDistance(NDManager step) {
        int exact = form.ofOneWay() / 2;
        int last = form.ofOneWay() - 1;
        var share = new float[form.farthest() + 1];
        for (int d = 0; d < share.length; d++) {
            share[d] = (float) Math.max(d, exact) / exact;
        }
        var buckets = new long[share.length];
        try (var scratch = step.newSubManager()) {
            var whole = scratch.create((float) Math.log((double) form.farthest() / exact));
            var rest = scratch.create((float) (form.ofOneWay() - exact));
            var far = scratch.create(share).log().div(whole).mul(rest).toFloatArray();
            for (int d = 0; d < buckets.length; d++) {
                buckets[d] = d < exact ? d : Math.min(exact + (long) far[d], last);
            }
        }
        return buckets;
    }
}
