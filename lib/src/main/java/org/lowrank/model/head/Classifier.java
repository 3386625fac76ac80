package org.lowrank.model.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableLinear;
import org.lowrank.model.block.Network;
import org.lowrank.model.block.Slot;

/**
 * A body under a head, owner of both. The head carries no adapter, it is trained whole; whatever
 * else is asked of the network is the body's.
 */
public interface Classifier extends Network {

    Network encoder();

    ClassificationHead head();

    /** The trained arrays of the head by name. */
    default Map<String, NDArray> headParameters() {
        return head().parameters();
    }

    /** Makes every weight of the body a leaf of the graph (full fine-tuning), or none. */
    @Override
    default void train(boolean all) {
        encoder().train(all);
    }

    @Override
    default Map<String, AdaptableLinear> linears() {
        return encoder().linears();
    }

    @Override
    default String currentPath(String pathInFile) {
        return encoder().currentPath(pathInFile);
    }

    @Override
    default Map<String, Slot> slots() {
        var slots = new LinkedHashMap<>(encoder().slots());
        slots.putAll(head().slots());
        return slots;
    }

    @Override
    default void filled() {
        encoder().filled();
        head().filled();
    }

    @Override
    default NDManager manager() {
        return encoder().manager();
    }

    @Override
    default void close() {
        head().close();
        encoder().close();
    }
}
