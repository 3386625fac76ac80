package org.lowrank.model.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lowrank.adapter.AdaptableModel;

/** A model's body, or a body under a head: arrays by PyTorch's names, slots that a file fills. */
public interface Network extends AdaptableModel, AutoCloseable {

    /** Where the weights lie; steps make sub-managers of it. */
    NDManager manager();

    /** The places of all arrays by name. */
    Map<String, Slot> slots();

    /** Told when every slot has been filled. */
    default void filled() {}

    @Override
    default Map<String, NDArray> parameters() {
        var arrays = new LinkedHashMap<String, NDArray>();
        slots().forEach((name, slot) -> arrays.put(name, slot.array()));
        return arrays;
    }

    /**
     * Makes every weight a leaf of the graph (full fine-tuning), or none.
     *
     * @throws IllegalStateException if a weight is held in few bits
     */
    default void train(boolean all) {
        if (all) {
            requirePlain("trained");
        }
        slots().values().forEach(slot -> slot.array().setRequiresGradient(all));
    }

    /**
     * @param what would become of it
     * @throws IllegalStateException if a weight is held in few bits
     */
    default void requirePlain(String what) {
        linears()
                .forEach(
                        (path, linear) -> {
                            if (linear.weight().isFixed()) {
                                throw new IllegalStateException(
                                        "%s is held in few bits, and such a model is not %s whole: open it in precision float32"
                                                .formatted(path, what));
                            }
                        });
    }

    @Override
    void close();
}
