package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** How the factors of a pair start. {@link Initializations} knows them by name. */
public interface Initialization {

    /**
     * The first values of one pair.
     *
     * @param path the module path, for its random source and for messages
     * @param layer the layer to be adapted, whose W0 may be read
     * @param rank r
     * @param scaling s of W0 + sBA
     * @param context random sources, gradients of the base
     */
    Start start(String path, AdaptableLinear layer, int rank, double scaling, StartContext context);

    /**
     * The largest rank that this start has on a layer: min(out, in), as BA reaches no further.
     * Factors that stand already may have more: PiSSA saved as a difference has twice its rank.
     */
    default long largestRank(AdaptableLinear layer) {
        return Math.min(layer.in(), layer.out());
    }

    /**
     * True if W0 is replaced by W0 - s B A, so that the adapted weight starts where the base was
     * (PiSSA, LoRA-GA).
     */
    default boolean correctsBase() {
        return false;
    }

    /** True if one factor starts at zero. */
    default boolean hasZeroFactor() {
        return false;
    }

    /** True if the adapted model does not start at the base model's outputs (LoRA-One). */
    default boolean movesOutput() {
        return false;
    }

    /** True if BA is not zero, and only a zero between the factors keeps the output (AdaLoRA). */
    default boolean needsZeroDiagonal() {
        return false;
    }

    /** True if it is made for s = alpha/sqrt(r) and a table should not have it otherwise. */
    default boolean needsRslora() {
        return false;
    }

    /** A (r, in) and B (out, r), row by row. */
    record Start(float[] loraA, float[] loraB) {

        /** From arrays of any floating type. */
        public static Start of(NDArray loraA, NDArray loraB) {
            return new Start(floats(loraA), floats(loraB));
        }

        private static float[] floats(NDArray array) {
            return array.toType(DataType.FLOAT32, false).toFloatArray();
        }
    }
}
