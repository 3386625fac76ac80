package org.lowrank.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.lowrank.engine.Arrays;

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
                    ("%s: lora_A must be (r, in) and lora_B (out, r) with one r, but they are"
                                    + " %s and %s")
                            .formatted(path, loraA.getShape(), loraB.getShape()));
        }
    }

    /**
     * sBA (out, in) in float64 from upcast factors, not recorded for differentiation.
     *
     * @param owner what the result is attached to
     */
    public NDArray product(NDManager owner) {
        try (var scratch = owner.newSubManager()) {
            var a = Arrays.upcast(loraA, scratch);
            var b = Arrays.upcast(loraB, scratch);
            var product = b.matMul(a).muli(scaling);
            product.attach(owner);
            return product;
        }
    }

    public long rank() {
        return loraA.getShape().get(0);
    }
}
