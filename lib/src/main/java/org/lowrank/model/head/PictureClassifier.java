package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.lowrank.model.block.Network;

/** The capability to tell the class of a picture, by a head or by texts. */
public interface PictureClassifier extends Network {

    /**
     * @param pixels (batch, channels, height, width), scaled and normalised
     * @return logits (batch, classes), attached to the manager of the pixels
     */
    NDArray forward(NDArray pixels, boolean training);

    /** What is trained whole beside any adapter, by name; nothing where texts stand for a head. */
    Map<String, NDArray> headParameters();
}
