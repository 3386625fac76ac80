package org.lowrank.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * Sentences as arrays, padded to the longest of them.
 *
 * @param ids token ids (batch, length), int64; 0 where padded
 * @param mask 1 for a token, 0 for padding (batch, length), float32
 * @param types segment types (batch, length), int64, or null if all are 0
 */
public record TokenBatch(NDArray ids, NDArray mask, NDArray types) {

    public TokenBatch {
        if (ids.getShape().dimension() != 2
                || !ids.getShape().equals(mask.getShape())
                || (types != null && !ids.getShape().equals(types.getShape()))) {
            throw new IllegalArgumentException(
                    "ids, mask and types must all be (batch, length), but they are "
                            + ids.getShape()
                            + ", "
                            + mask.getShape()
                            + " and "
                            + (types == null ? "absent" : types.getShape()));
        }
    }

    /** Sentences of one segment. */
    public TokenBatch(NDArray ids, NDArray mask) {
        this(ids, mask, null);
    }

    /**
     * Puts sentences into one batch.
     *
     * @param step what the arrays are attached to. They lie over Java memory, so they must stay
     *     attached until the backward pass is done
     */
    public static TokenBatch of(List<Tokens> sentences, NDManager step) {
        if (sentences.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one sentence");
        }
        int length = sentences.stream().mapToInt(Tokens::length).max().orElseThrow();
        var ids = new long[sentences.size() * length];
        var types = new long[ids.length];
        var mask = new float[ids.length];
        boolean typed = false;
        for (int row = 0; row < sentences.size(); row++) {
            var tokens = sentences.get(row);
            for (int i = 0; i < tokens.length(); i++) {
                ids[row * length + i] = tokens.ids()[i];
                types[row * length + i] = tokens.types()[i];
                mask[row * length + i] = 1;
                typed |= tokens.types()[i] != 0;
            }
        }
        var shape = new Shape(sentences.size(), length);
        return new TokenBatch(
                step.create(ids, shape),
                step.create(mask, shape),
                typed ? step.create(types, shape) : null);
    }

    public long size() {
        return ids.getShape().get(0);
    }
}
