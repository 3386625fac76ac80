package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Positions as rotations (Su et al., arXiv 2104.09864): the pair (xᵢ, xᵢ₊d/₂) of a head is turned
 * by the angle position · θᵢ. Cosines and sines are kept for the positions that have occurred.
 */
public final class RotaryPositions {

    private static final long FIRST_ROWS = 64;

    /**
     * @param base of the frequencies' powers
     * @param width of a head, all of which is turned
     */
    public record Form(double base, int width, RotaryScaling scaling) {}

    private final Form form;
    private float[] frequencies;
    private NDArray cosines;
    private NDArray sines;

    public RotaryPositions(Form form) {
        if (form.width() % 2 != 0) {
            throw new IllegalArgumentException(
                    "rotary positions turn pairs, but a head has the odd width " + form.width());
        }
        this.form = form;
    }

    /**
     * The rotation of tokens that follow each other.
     *
     * @param first position of the first one
     * @param owner lives as long as the model
     */
    public Rotation from(long first, long length, NDManager owner, NDManager step) {
        grow(first + length, owner);
        var rows = new NDIndex("{}:{}", first, first + length);
        return new Rotation(
                placed(cosines.get(step, rows), 1, length),
                placed(sines.get(step, rows), 1, length));
    }

    /**
     * The rotation of tokens anywhere.
     *
     * @param positions (batch, length), int64
     * @param longest more than any of them
     */
    public Rotation at(NDArray positions, long longest, NDManager owner) {
        grow(longest, owner);
        long batch = positions.getShape().get(0);
        long length = positions.getShape().get(1);
        return new Rotation(
                placed(EmbeddingTable.rows(cosines, positions), batch, length),
                placed(EmbeddingTable.rows(sines, positions), batch, length));
    }

    /** To (batch, length, 1, width): the same for all heads. */
    private NDArray placed(NDArray rows, long batch, long length) {
        return rows.reshape(batch, length, 1, form.width());
    }

    private void grow(long length, NDManager owner) {
        var wanted = form.scaling().frequencies(form.base(), form.width(), length);
        boolean same = Arrays.equals(wanted, frequencies);
        if (same && cosines.getShape().get(0) >= length) {
            return;
        }
        long rows = Math.max(FIRST_ROWS, Long.highestOneBit(2 * length - 1));
        int width = form.width();
        var cos = new float[Math.toIntExact(rows * width)];
        var sin = new float[cos.length];
        float attention = (float) form.scaling().attention();
        for (int p = 0; p < rows; p++) {
            for (int i = 0; i < width / 2; i++) {
                float angle = p * wanted[i];
                int at = p * width + i;
                cos[at] = (float) Math.cos(angle) * attention;
                cos[at + width / 2] = cos[at];
                sin[at + width / 2] = (float) Math.sin(angle) * attention;
                sin[at] = -sin[at + width / 2];
            }
        }
        if (cosines != null) {
            cosines.close();
            sines.close();
        }
        frequencies = wanted;
        cosines = kept(cos, rows, owner);
        sines = kept(sin, rows, owner);
    }

    private NDArray kept(float[] values, long rows, NDManager owner) {
        return org.lowrank.engine.Arrays.nativeCopy(owner, values, new Shape(rows, form.width()));
    }

    /**
     * The turning of one pass.
     *
     * @param cos (batch or 1, length, 1, width)
     * @param sin of the same shape, negative in its first half
     */
    public record Rotation(NDArray cos, NDArray sin) {

        /** Queries or keys (batch, length, heads, width), turned. */
        public NDArray turn(NDArray x) {
            var halves = x.split(2, 3);
            var crossed = halves.get(1).concat(halves.get(0), 3);
            return x.mul(cos).add(crossed.mul(sin));
        }
    }
}
