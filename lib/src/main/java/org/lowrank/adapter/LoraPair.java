package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;

/**
 * One adapted weight: W = W0 + scaling B A with A (r, in) and B (out, r), rows of W are outputs, as
 * in PEFT and PyTorch.
 *
 * @param path the module path of the weight, for example {@code
 *     encoder.layer.0.attention.self.query}
 * @param scaling s = alpha/r (LoRA) or alpha/sqrt(r) (rsLoRA); it lives here, never in an optimizer
 */
public record LoraPair(String path, NDArray loraA, NDArray loraB, double scaling) {

    public LoraPair {
        if (loraA.getShape().dimension() != 2
                || loraB.getShape().dimension() != 2
                || loraA.getShape().get(0) != loraB.getShape().get(1)) {
            throw new IllegalArgumentException(
                    path
                            + ": lora_A must be (r, in) and lora_B (out, r) with one r, but they are "
                            + loraA.getShape()
                            + " and "
                            + loraB.getShape());
        }
    }

    /** The rank r. */
    public long rank() {
        return loraA.getShape().get(0);
    }
}
