package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an {@link AdaptableLinear} can carry: LoRA and its relatives. */
public interface LinearAdapter extends AutoCloseable {

    /**
     * The output of the adapted layer.
     *
     * @param x input (..., in)
     * @param base x W0ᵀ + bias of the frozen layer (..., out)
     * @param layer the layer that carries this adapter, for its weight and bias
     * @param training true while gradients are recorded and dropout acts
     */
    NDArray forward(NDArray x, NDArray base, AdaptableLinear layer, boolean training);

    /**
     * The change of the weight that this adapter stands for, W - W0 (out, in), in float64 from
     * upcast factors; not recorded for differentiation.
     *
     * @param owner what the result is attached to
     */
    NDArray deltaWeight(AdaptableLinear layer, NDManager owner);

    /** The factors, views of the stack that an optimizer moves. */
    LoraPair pair();

    /**
     * The pair, if {@link #forward} in training is base + s (x Aᵀ) Bᵀ and nothing more, so that who
     * knows a faster way may take it; empty otherwise.
     */
    default Optional<LoraPair> plainPair() {
        return Optional.empty();
    }

    /** All pairs of this weight: one, but for a mixture of experts. */
    default List<LoraPair> pairs() {
        return List.of(pair());
    }

    /**
     * What is trained besides the pair (DoRA's magnitude, AdaLoRA's singular values): leaves of the
     * graph by PEFT's name, for example {@code lora_magnitude_vector}.
     */
    default Map<String, NDArray> extraParameters() {
        return Map.of();
    }

    /** Frees what the adapter owns; the factors belong to their stack. */
    @Override
    void close();
}
