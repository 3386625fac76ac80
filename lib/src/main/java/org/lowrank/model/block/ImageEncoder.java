package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;

/** The capability to make one vector of a picture. */
public interface ImageEncoder extends Network {

    /**
     * What a classifier reads of each picture.
     *
     * @param pixels (batch, channels, height, width), scaled and normalised
     * @return (batch, width), attached to the manager of the pixels
     * @throws IllegalArgumentException if the pictures are of another size than the encoder's
     */
    NDArray features(NDArray pixels, boolean training);

    /** The width of a picture's vector. */
    int width();

    /** The side of the pictures, in pixels. */
    int imageSize();

    /** What transformers calls this body where a head stands beside it: {@code vit}. */
    default String bodyName() {
        return "";
    }
}
