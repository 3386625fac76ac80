package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.lowrank.model.block.Network;

/** A body under a head that is trained whole. */
public interface Classifier extends Network {

    ClassificationHead head();

    /** The trained arrays of the head by name. */
    default Map<String, NDArray> headParameters() {
        return head().parameters();
    }
}
